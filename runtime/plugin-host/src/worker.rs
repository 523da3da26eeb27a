//! The worker process: compiles components and takes snapshots, under limits of its own, so that a
//! component which makes the compiler run away takes nothing with it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::{Component, Linker};
use wasmtime_wizer::{WasmtimeWizerComponent, Wizer};

use crate::engine::Code;
use crate::error::WorkerError;
use crate::functions::Functions;
use crate::processors::{give_way, only_when_idle, stay_aside};
use crate::track::types::types;
use crate::{cache, convert, engine};

/// By how many steps a worker gives way that takes a share of the processors: about a tenth of one
/// beside a thread that never rests.
const SHARE_NICE: u8 = 10;

/// When a worker has a processor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Manner {
    /// When nobody else wants it: calls are served first.
    WhenIdle,
    /// Always, a small share: for a machine that is never idle.
    Share,
}

impl Manner {
    const IDLE: &'static str = "when-idle";

    /// Its name on the worker's command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WhenIdle => Self::IDLE,
            Self::Share => "share",
        }
    }
}

/// Runs the hidden subcommand: `MEMORY_BYTES CPU_SECONDS THREADS`, the [`Manner`] and one of `compile IN OUT`,
/// `compile-metered IN OUT`, `instrument IN OUT` and `snapshot IN CODE SCRIPT OUT`. The first two
/// also take `BEFORE AFTER BYTES`: functions compiled before, where to write them together with new
/// ones, if there are any, and how many bytes of them.
///
/// An error is written to standard error as one line of JSON, a [`WorkerError`].
pub fn worker_main(args: &[String]) -> ExitCode {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args[..] {
        [memory, cpu, threads, manner, ref task @ ..] => {
            // Its threads, which are started later, have the same.
            match manner {
                Manner::IDLE => only_when_idle(),
                _ => give_way(SHARE_NICE),
            }
            stay_aside(threads.parse().unwrap_or(usize::MAX));
            limit(memory, cpu).and_then(|()| work(task))
        }
        _ => Err(WorkerError::Io(
            "two limits, a number of threads, a manner and a task are wanted".to_owned(),
        )),
    };
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    let line = serde_json::to_string(&error).unwrap_or_else(|_| error.to_string());
    eprintln!("{line}");
    ExitCode::FAILURE
}

fn work(task: &[&str]) -> Result<(), WorkerError> {
    match *task {
        ["compile", ref files @ ..] => compile_files(files, Code::Live),
        ["compile-metered", ref files @ ..] => compile_files(files, Code::Metered),
        ["instrument", input, output] => {
            write(output, &instrument(&read(input).map_err(refused)?)?)
        }
        ["snapshot", input, code, script, output] => {
            let script = String::from_utf8(read(script).map_err(refused)?)
                .map_err(|_| WorkerError::Io("the script is not UTF-8".to_owned()))?;
            let wasm = read(input).map_err(refused)?;
            let code = read(code).map_err(refused)?;
            write(output, &snapshot(&wasm, &code, &script)?)
        }
        _ => Err(WorkerError::Io(
            "the tasks are `compile`, `compile-metered`, `instrument` and `snapshot`".to_owned(),
        )),
    }
}

fn compile_files(files: &[&str], code: Code) -> Result<(), WorkerError> {
    let (&[input, output], reuse) = files
        .split_first_chunk::<2>()
        .ok_or_else(|| WorkerError::Io("a component and a place are wanted".to_owned()))?;
    let wasm = read(input).map_err(refused)?;
    let &[before, after, bytes_max] = reuse else {
        return write(output, &compile(&wasm, code, None)?);
    };
    let bytes_max =
        bytes_max.parse().map_err(|_| WorkerError::Io(format!("`{bytes_max}` is no limit")))?;
    let functions = Arc::new(Functions::read(&read(before).map_err(refused)?));
    write(output, &compile(&wasm, code, Some(Arc::clone(&functions)))?)?;
    functions.write(bytes_max).map_or(Ok(()), |functions| write(after, &functions))
}

/// Makes machine code of a component, with the help of functions compiled before.
pub fn compile(
    wasm: &[u8],
    code: Code,
    functions: Option<Arc<Functions>>,
) -> Result<Vec<u8>, WorkerError> {
    engine::compiling(code, functions)
        .and_then(|engine| engine.precompile_component(wasm))
        .map_err(refused)
}

/// Makes machine code of an interpreter in the form that gives its memory away.
pub fn instrument(wasm: &[u8]) -> Result<Vec<u8>, WorkerError> {
    let (_, instrumented) = Wizer::new().instrument_component(wasm).map_err(refused)?;
    engine::snapshotting()
        .and_then(|engine| engine.precompile_component(&instrumented))
        .map_err(refused)
}

/// Runs `load` and keeps the memory it leaves as the initial memory of a new component.
///
/// `code` is what `instrument` made of `wasm`: the same for every script, so it is made once.
pub fn snapshot(wasm: &[u8], code: &[u8], script: &str) -> Result<Vec<u8>, WorkerError> {
    engine::block_on(load_and_keep(wasm, code, script))
}

async fn load_and_keep(wasm: &[u8], code: &[u8], script: &str) -> Result<Vec<u8>, WorkerError> {
    let engine = engine::snapshotting().map_err(refused)?;
    // SAFETY: the host only hands over machine code that carries a digest made with its key.
    #[allow(unsafe_code, reason = "machine code is trusted by where it comes from")]
    let component = unsafe { Component::deserialize(&engine, code) }.map_err(refused)?;
    let mut linker: Linker<()> = Linker::new(&engine);
    // Reading a script has no business with the world.
    linker.define_unknown_imports_as_traps(&component).map_err(refused)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_async(&mut store, &component).await.map_err(refused)?;
    let load = instance
        .get_typed_func::<(&str,), (Result<(), types::ScriptError>,)>(&mut store, "load")
        .map_err(refused)?;
    let (read,) = load.call_async(&mut store, (script,)).await.map_err(refused)?;
    read.map_err(|error| WorkerError::Script(convert::script_error(error)))?;
    let mut wizer = Wizer::new();
    // The tool would take the export from the module but not from the component around it.
    wizer.init_func("load").keep_init_func(true);
    let (context, _) = wizer.instrument_component(wasm).map_err(refused)?;
    let mut state = WasmtimeWizerComponent { store: &mut store, instance };
    wizer.snapshot_component(&context, &mut state).await.map_err(refused)
}

fn limit(memory: &str, cpu: &str) -> Result<(), WorkerError> {
    let number = |text: &str| {
        text.parse::<u64>().map_err(|_| WorkerError::Io(format!("`{text}` is no limit")))
    };
    for (what, most) in [(libc::RLIMIT_AS, number(memory)?), (libc::RLIMIT_CPU, number(cpu)?)] {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: `setrlimit` reads the struct it is given, which lives until it returns.
        #[allow(unsafe_code, reason = "std has no way to limit the own process")]
        let done = unsafe { libc::setrlimit(what, &raw const limit) };
        if done != 0 {
            return Err(WorkerError::Io("cannot set its own limits".to_owned()));
        }
    }
    Ok(())
}

fn read(path: &str) -> wasmtime::Result<Vec<u8>> {
    Ok(std::fs::read(path)?)
}

fn write(path: &str, bytes: &[u8]) -> Result<(), WorkerError> {
    cache::write_private(Path::new(path), bytes).map_err(|error| WorkerError::Io(error.to_string()))
}

fn refused(error: wasmtime::Error) -> WorkerError {
    WorkerError::Refused(format!("{error:#}"))
}
