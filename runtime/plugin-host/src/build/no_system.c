// What the C library would ask of an operating system. There is none: a plugin has no files, no
// terminal, no environment. Every call is refused, and leaving the program is a trap.
#define REFUSED 52 // ENOSYS
#define STUB(name, ...) \
    int __imported_wasi_snapshot_preview1_##name(__VA_ARGS__) { return REFUSED; }
#pragma clang diagnostic ignored "-Wunused-parameter"

STUB(args_get, int a, int b)
STUB(args_sizes_get, int a, int b)
STUB(clock_res_get, int a, int b)
STUB(clock_time_get, int a, long long b, int c)
STUB(environ_get, int a, int b)
STUB(environ_sizes_get, int a, int b)
STUB(fd_close, int a)
STUB(fd_fdstat_get, int a, int b)
STUB(fd_fdstat_set_flags, int a, int b)
STUB(fd_filestat_get, int a, int b)
STUB(fd_prestat_dir_name, int a, int b, int c)
STUB(fd_prestat_get, int a, int b)
STUB(fd_read, int a, int b, int c, int d)
STUB(fd_readdir, int a, int b, int c, long long d, int e)
STUB(fd_seek, int a, long long b, int c, int d)
STUB(fd_write, int a, int b, int c, int d)
STUB(path_filestat_get, int a, int b, int c, int d, int e)
STUB(path_open, int a, int b, int c, int d, int e, long long f, long long g, int h, int i)
STUB(poll_oneoff, int a, int b, int c, int d)
STUB(random_get, int a, int b)
STUB(sched_yield, void)

_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int code) { __builtin_trap(); }
