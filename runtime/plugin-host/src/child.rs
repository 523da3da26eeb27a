//! Starts worker processes and takes their answers, or does their work where that is configured.

use std::fs;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::cache::{Cache, write_private};
use crate::engine::Code;
use crate::error::WorkerError;
use crate::functions::COMPONENT_BYTES_MIN;
use crate::worker::Manner;
use crate::{HostConfig, worker};

/// Files that go with the work, whatever its end.
struct Swept<'a>(Vec<&'a Path>);

impl Drop for Swept<'_> {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// Compiles a component; functions compiled before by an engine of the same `code_hash` are used
/// again.
pub fn compile(
    config: &HostConfig,
    cache: &Cache,
    wasm: &[u8],
    code: Code,
    code_hash: u64,
) -> Result<Vec<u8>, WorkerError> {
    if config.compile_in_process {
        return worker::compile(wasm, code, None);
    }
    let (input, output) = (cache.temporary(".wasm"), cache.temporary(".cwasm"));
    let [before, after] = [cache.temporary(".before"), cache.temporary(".after")];
    let _swept = Swept(vec![&input, &output, &before, &after]);
    write_private(&input, wasm).map_err(io)?;
    let bytes_max = config.compile_reuse_bytes_max;
    if bytes_max == 0 || wasm.len() < COMPONENT_BYTES_MIN {
        run(config, code.task(), &[&input, &output])?;
        return fs::read(&output).map_err(io);
    }
    let name = format!("functions-{code_hash:016x}");
    write_private(&before, &cache.get(&name).unwrap_or_default()).map_err(io)?;
    let limit = bytes_max.to_string();
    run(config, code.task(), &[&input, &output, &before, &after, Path::new(&limit)])?;
    // There is no such file if nothing new was compiled.
    if let Ok(functions) = fs::read(&after)
        && let Err(error) = cache.put(&name, &functions)
    {
        tracing::warn!(%error, "cannot keep compiled functions: they are compiled again next time");
    }
    fs::read(&output).map_err(io)
}

/// Compiles an interpreter in the form that gives its memory away.
pub fn instrument(config: &HostConfig, cache: &Cache, wasm: &[u8]) -> Result<Vec<u8>, WorkerError> {
    if config.compile_in_process {
        return worker::instrument(wasm);
    }
    let (input, output) = (cache.temporary(".wasm"), cache.temporary(".cwasm"));
    let _swept = Swept(vec![&input, &output]);
    write_private(&input, wasm).map_err(io)?;
    run(config, "instrument", &[&input, &output])?;
    fs::read(&output).map_err(io)
}

/// Makes a component of an interpreter, what [`instrument`] made of it, and a script.
pub fn snapshot(
    config: &HostConfig,
    cache: &Cache,
    wasm: &[u8],
    code: &[u8],
    script: &str,
) -> Result<Vec<u8>, WorkerError> {
    if config.compile_in_process {
        return worker::snapshot(wasm, code, script);
    }
    let [input, compiled] = [cache.temporary(".wasm"), cache.temporary(".cwasm")];
    let [text, output] = [cache.temporary(".script"), cache.temporary(".snapshot")];
    let _swept = Swept(vec![&input, &compiled, &text, &output]);
    write_private(&input, wasm).map_err(io)?;
    write_private(&compiled, code).map_err(io)?;
    write_private(&text, script.as_bytes()).map_err(io)?;
    run(config, "snapshot", &[&input, &compiled, &text, &output])?;
    fs::read(&output).map_err(io)
}

fn run(config: &HostConfig, task: &str, files: &[&Path]) -> Result<(), WorkerError> {
    if !config.compile_patience.is_zero() {
        if attempt(config, task, files, Manner::WhenIdle)? == Attempt::Done {
            return Ok(());
        }
        tracing::info!(task, "no processor is idle: the work of plugins takes a share of them");
    }
    attempt(config, task, files, Manner::Share).map(drop)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Attempt {
    Done,
    /// It hardly had a processor, and is to be begun anew: who has once said that it runs when idle
    /// cannot say otherwise later without rights (`sched_setscheduler`).
    Starved,
}

fn attempt(
    config: &HostConfig,
    task: &str,
    files: &[&Path],
    manner: Manner,
) -> Result<Attempt, WorkerError> {
    let mut child = start(config, task, files, manner)?;
    let started = Instant::now();
    let mut pause = Duration::from_micros(500);
    let mut patience = (manner == Manner::WhenIdle).then_some(config.compile_patience);
    let status = loop {
        if let Some(status) = child.try_wait().map_err(io)? {
            break status;
        }
        let waited = started.elapsed();
        let starved = patience.is_some_and(|patience| patience <= waited)
            && patience.take().is_some_and(|patience| processor_time(&child) < patience / 2);
        let late = config.compile_time <= waited;
        if starved || late {
            let _ = child.kill();
            let _ = child.wait();
            let late = WorkerError::Deadline(config.compile_time);
            return if starved { Ok(Attempt::Starved) } else { Err(late) };
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    };
    match status.success() {
        true => Ok(Attempt::Done),
        false => Err(complaint(status, child.stderr.take())),
    }
}

fn start(
    config: &HostConfig,
    task: &str,
    files: &[&Path],
    manner: Manner,
) -> Result<Child, WorkerError> {
    let [program, arguments @ ..] = &config.worker[..] else {
        return Err(WorkerError::Io("no worker command is configured".to_owned()));
    };
    // Processor time on every core counts; the wall's deadline is the tighter one.
    let cpu = config.compile_time.as_secs().saturating_mul(8).max(1);
    let (memory, cpu) = (config.compile_memory_bytes.to_string(), cpu.to_string());
    let threads = config.compile_threads.to_string();
    Command::new(program)
        .args(arguments)
        .args([&*memory, &*cpu, &*threads, manner.name(), task])
        .args(files)
        .env_clear()
        // As many threads as it has processors: more would interrupt each other.
        .envs((config.compile_threads < usize::MAX).then_some(("RAYON_NUM_THREADS", &threads)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| WorkerError::Io(format!("`{program}`: {error}")))
}

/// The processor time that all threads of a child have had: the fields `utime` and `stime` of
/// proc_pid_stat(5), which follow the name in parentheses. If it cannot be read, the most.
fn processor_time(child: &Child) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let mut fields = after.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
    let (Some(Ok(user)), Some(Ok(system))) = (fields.next(), fields.next()) else {
        return Duration::MAX;
    };
    // Linux counts these in hundredths of a second for every program (USER_HZ).
    Duration::from_millis((user + system).saturating_mul(10))
}

/// What a worker said before it ended. One that says more than a pipe holds runs into its deadline.
fn complaint(status: ExitStatus, errors: Option<ChildStderr>) -> WorkerError {
    let mut text = String::new();
    if let Some(errors) = errors {
        let _ = errors.take(64 * 1024).read_to_string(&mut text);
    }
    let last = text.lines().next_back().unwrap_or_default();
    match serde_json::from_str(last) {
        Ok(error) => error,
        Err(_) => match status.signal() {
            Some(signal) => WorkerError::Killed(format!("signal {signal}: {last}")),
            None => WorkerError::Killed(format!("{status}: {last}")),
        },
    }
}

fn io(error: std::io::Error) -> WorkerError {
    WorkerError::Io(error.to_string())
}
