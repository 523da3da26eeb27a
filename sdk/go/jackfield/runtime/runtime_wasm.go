// Package runtime moves values between a plugin and the host. For the glue alone.
//
// Taken from go.bytecodealliance.org/pkg/wit/runtime of wit-bindgen 0.60, Apache-2.0 WITH
// LLVM-exception OR Apache-2.0 OR MIT, without what only asynchronous functions need, and without `fmt`.
package runtime

import (
	"runtime"
	"runtime/debug"
	"unsafe"

	"jackfield/types"
	"jackfield/wit"
)

// Handle of a resource of the host's.
type Handle struct {
	value int32
}

func (h *Handle) Use() int32 {
	if h.value == 0 {
		panic("nil handle")
	}
	return h.value
}

func (h *Handle) Take() int32 {
	value := h.Use()
	h.value = 0
	return value
}

func (h *Handle) Set(value int32) {
	if value == 0 {
		panic("nil handle")
	}
	if h.value != 0 {
		panic("handle already set")
	}
	h.value = value
}

func (h *Handle) TakeOrNil() int32 {
	value := h.value
	h.value = 0
	return value
}

func MakeHandle(value int32) *Handle {
	if value == 0 {
		panic("nil handle")
	}
	return &Handle{value}
}

// Allocate returns memory that is kept until `pinner` lets it go.
func Allocate(pinner *runtime.Pinner, size, align uintptr) unsafe.Pointer {
	pointer := allocateRaw(size, align)
	pinner.Pin(pointer)
	return pointer
}

func allocateRaw(size, align uintptr) unsafe.Pointer {
	if size == 0 {
		return nil
	}
	if size%align != 0 {
		panic("size and alignment do not fit")
	}
	switch align {
	case 1:
		return unsafe.Pointer(unsafe.SliceData(make([]uint8, size)))
	case 2:
		return unsafe.Pointer(unsafe.SliceData(make([]uint16, size/align)))
	case 4:
		return unsafe.Pointer(unsafe.SliceData(make([]uint32, size/align)))
	case 8:
		return unsafe.Pointer(unsafe.SliceData(make([]uint64, size/align)))
	default:
		panic("no such alignment")
	}
}

// The collector works hard before an instance of 16 MiB, the host's default, is full.
const memoryGoal = 10 << 20

// The host may ask for memory before Go's runtime has started: then it comes from below the heap.
//
//go:linkname sbrk runtime.sbrk
func sbrk(n uintptr) unsafe.Pointer

var started = false

func init() {
	debug.SetMemoryLimit(memoryGoal)
	started = true
}

// What the host gave and nobody has taken yet.
var pinner = runtime.Pinner{}

// Unpin lets go what the host gave: its owner is an ordinary value by now.
func Unpin() {
	pinner.Unpin()
}

//go:wasmexport cabi_realloc
func cabiRealloc(oldPointer unsafe.Pointer, oldSize, align, newSize uintptr) unsafe.Pointer {
	if oldPointer != nil || oldSize != 0 {
		panic("the host moves nothing")
	}
	if started {
		return Allocate(&pinner, newSize, align)
	}
	unaligned := sbrk(newSize + align)
	return unsafe.Add(unaligned, (align-uintptr(unaligned)%align)%align)
}

// Call calls the plugin. A panic is answered as an error with its text: as a trap it would have none,
// since there is nowhere to write it to.
func Call[A, T any](
	export func(A) wit.Result[T, types.PluginError], ask A,
) wit.Result[T, types.PluginError] {
	return CallWithout(func() wit.Result[T, types.PluginError] { return export(ask) })
}

// CallWithout calls an export of the plugin that is asked nothing in particular.
func CallWithout[T any](
	export func() wit.Result[T, types.PluginError],
) (result wit.Result[T, types.PluginError]) {
	defer func() {
		if why := recover(); why != nil {
			result = wit.Err[T](types.MakePluginErrorFailed("panic: " + said(why)))
		}
	}()
	return export()
}

// CallMigration calls what takes over state, likewise: its error is a text.
func CallMigration[A, T any](
	export func(A) wit.Result[T, string], ask A,
) (result wit.Result[T, string]) {
	defer func() {
		if why := recover(); why != nil {
			result = wit.Err[T]("panic: " + said(why))
		}
	}()
	return export(ask)
}

func said(why any) string {
	switch why := why.(type) {
	case error:
		return why.Error()
	case string:
		return why
	case interface{ String() string }:
		return why.String()
	default:
		return "a value that is no text"
	}
}
