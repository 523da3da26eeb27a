;; What Go's runtime asks of an operating system. There is none: a plugin has no files, no terminal, no
;; environment, no clock and no chance of its own. What the runtime cannot start without is answered,
;; always alike; all else is refused, and leaving the program is a trap.
;;
;; It is the adapter of `wasi_snapshot_preview1`: the encoder keeps what is called.
(module
  (import "env" "memory" (memory 0))
  ;; No arguments, no environment.
  (func (export "args_get") (param i32 i32) (result i32) i32.const 0)
  (func (export "args_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    i32.const 0)
  (func (export "environ_get") (param i32 i32) (result i32) i32.const 0)
  (func (export "environ_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    i32.const 0)
  ;; Time stands still at its first nanosecond: the runtime takes none for a failure.
  (func (export "clock_time_get") (param i32 i64) (param $time i32) (result i32)
    (i64.store (local.get $time) (i64.const 1))
    i32.const 0)
  ;; Refused: the runtime seeds its tables from the time that stands still, `crypto/rand` gives up.
  (func (export "random_get") (param i32 i32) (result i32) i32.const 52)
  ;; What is written is gone: a count of all bytes, or the runtime would try again for ever.
  (func (export "fd_write")
    (param $file i32) (param $parts i32) (param $count i32) (param $written i32) (result i32)
    (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (local.get $parts))))
        (local.set $parts (i32.add (local.get $parts) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $written) (local.get $sum))
    i32.const 0)
  (func (export "sched_yield") (result i32) i32.const 0)
  ;; Nobody could wake who waits.
  (func (export "poll_oneoff") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "proc_exit") (param i32) unreachable)
  ;; No folder is open: bad descriptor, so the runtime's list of them ends at once.
  (func (export "fd_prestat_get") (param i32 i32) (result i32) i32.const 8)
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) i32.const 8)
  ;; No files: not supported.
  (func (export "fd_close") (param i32) (result i32) i32.const 52)
  (func (export "fd_fdstat_get") (param i32 i32) (result i32) i32.const 52)
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) i32.const 52)
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) i32.const 52)
  (func (export "fd_filestat_get") (param i32 i32) (result i32) i32.const 52)
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) i32.const 52)
  (func (export "fd_filestat_set_times") (param i32 i64 i64 i32) (result i32) i32.const 52)
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) i32.const 52)
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) i32.const 52)
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) i32.const 52)
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) i32.const 52)
  (func (export "fd_renumber") (param i32 i32) (result i32) i32.const 52)
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) i32.const 52)
  (func (export "fd_sync") (param i32) (result i32) i32.const 52)
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) i32.const 52)
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) i32.const 52)
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32) i32.const 52)
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) i32.const 52)
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) i32.const 52)
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) i32.const 52)
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) i32.const 52)
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) i32.const 52)
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) i32.const 52)
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) i32.const 52)
  (func (export "sock_accept") (param i32 i32 i32) (result i32) i32.const 52)
  (func (export "sock_shutdown") (param i32 i32) (result i32) i32.const 52))
