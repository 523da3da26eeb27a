//! The worker process: compiles components and takes snapshots, under limits of its own, so that a
//! component which makes the compiler run away takes nothing with it.

use std::path::Path;
use std::process::ExitCode;

use wasmtime::component::{Linker, Val};
use wasmtime::{Result, Store};
use wasmtime_wizer::Wizer;

use crate::error::{ScriptError, WorkerError};
use crate::{cache, engine};

/// Runs the hidden subcommand: `MEMORY_BYTES CPU_SECONDS compile IN OUT`, or
/// `MEMORY_BYTES CPU_SECONDS snapshot IN SCRIPT OUT`.
///
/// An error is written to standard error as one line of JSON, a [`WorkerError`].
pub fn worker_main(args: &[String]) -> ExitCode {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args[..] {
        [memory, cpu, ref task @ ..] => limit(memory, cpu).and_then(|()| work(task)),
        _ => Err(WorkerError::Io("two limits and a task are wanted".to_owned())),
    };
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    let line = serde_json::to_string(&error).unwrap_or_else(|_| error.to_string());
    eprintln!("{line}");
    ExitCode::FAILURE
}

fn work(task: &[&str]) -> Result<(), WorkerError> {
    match *task {
        ["compile", input, output] => {
            let code = engine::compiling()
                .and_then(|engine| engine.precompile_component(&read(input)?))
                .map_err(refused)?;
            write(output, &code)
        }
        ["snapshot", input, script, output] => {
            let script = String::from_utf8(read(script).map_err(refused)?)
                .map_err(|_| WorkerError::Io("the script is not UTF-8".to_owned()))?;
            let wasm = read(input).map_err(refused)?;
            write(output, &snapshot(&wasm, &script)?)
        }
        _ => Err(WorkerError::Io("the tasks are `compile` and `snapshot`".to_owned())),
    }
}

/// Runs `load` and keeps the memory it leaves as the initial memory of a new component.
fn snapshot(wasm: &[u8], script: &str) -> Result<Vec<u8>, WorkerError> {
    let engine = engine::snapshotting().map_err(refused)?;
    let mut linker: Linker<()> = Linker::new(&engine);
    let mut store = Store::new(&engine, ());
    let mut wizer = Wizer::new();
    wizer.init_func(format!("load({})", wave_string(script)));
    let run = wizer.run_component(&mut store, wasm, async |store, loaded| {
        // Reading a script has no business with the world.
        linker.define_unknown_imports_as_traps(loaded)?;
        linker.instantiate_async(store, loaded).await
    });
    let (made, answer) = engine::block_on(run).map_err(refused)?;
    match answer.first() {
        Some(Val::Result(Ok(_))) => Ok(made),
        Some(Val::Result(Err(Some(error)))) => Err(WorkerError::Script(script_error(error))),
        _ => Err(WorkerError::Refused("`load` answered with nothing".to_owned())),
    }
}

fn script_error(value: &Val) -> ScriptError {
    let mut error = ScriptError { message: String::new(), line: 0, column: 0 };
    let Val::Record(fields) = value else { return error };
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("message", Val::String(text)) => error.message.clone_from(text),
            ("line", Val::U32(line)) => error.line = *line,
            ("column", Val::U32(column)) => error.column = *column,
            _ => {}
        }
    }
    error
}

/// Writes a text as WAVE, the notation in which the snapshot tool takes arguments.
fn wave_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
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

fn read(path: &str) -> Result<Vec<u8>> {
    Ok(std::fs::read(path)?)
}

fn write(path: &str, bytes: &[u8]) -> Result<(), WorkerError> {
    cache::write_private(Path::new(path), bytes).map_err(|error| WorkerError::Io(error.to_string()))
}

fn refused(error: wasmtime::Error) -> WorkerError {
    WorkerError::Refused(format!("{error:#}"))
}
