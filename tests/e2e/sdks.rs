//! Each language from `plugin new` to a real call that the new plugin routes. What a language needs
//! is installed by `.ci/packages test`; a tool that cannot be had fails its test.

use std::process::{Command, Output};

use crate::harness::{Server, detail, jackfield, root};
use crate::queue::{QUEUE, agent};
use crate::sipp::Caller;

/// The router of the tenant that is replaced.
const ROUTER: &str = "longest-idle";

const FLOW: &str = "answer();\nenqueue(\"sales\");\nhang_up(\"done\");\n";

/// The command line as an author uses it, without any server or configuration.
pub fn tool(args: &[&str]) -> Output {
    Command::new(jackfield())
        .args(args)
        // Fetched once for all runs on this machine.
        .env("JACKFIELD_TOOLS", root().join("target/tools"))
        .env("JACKFIELD_CONFIG", "/nonexistent.toml")
        .current_dir(root())
        .output()
        .unwrap()
}

#[track_caller]
pub fn done(args: &[&str]) -> String {
    let output = tool(args);
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "jackfield {args:?}:\n{out}\n{err}");
    format!("{out}{err}")
}

/// Begins, tests, builds, checks, installs, and has a call routed by it.
#[track_caller]
fn from_nothing_to_a_call(language: &str) {
    let name = format!("first-{language}");
    let server = Server::start(&format!("sdk-{language}"), QUEUE, &[("main.rhai", FLOW)]);
    let into = server.dir.to_str().unwrap().to_owned();
    let said =
        done(&["plugin", "new", "--lang", language, "--world", "router", &name, "--into", &into]);
    assert!(said.contains("jackfield plugin build"), "{said}");
    let again = tool(&["plugin", "new", "--lang", language, &name, "--into", &into]);
    assert_eq!(again.status.code(), Some(1), "an existing folder was overwritten");

    let dir = server.dir.join(&name);
    let dir = dir.to_str().unwrap();
    done(&["plugin", "test", dir]);
    done(&["plugin", "build", dir, "--out", &into]);
    let file = server.dir.join(format!("{name}.wasm"));
    let file = file.to_str().unwrap();
    let said = done(&["plugin", "check", file]);
    assert!(said.contains("world router"), "{said}");

    let digest = match language {
        // What an author does at each save.
        "js" | "rust" | "go" => {
            let said =
                server.ok(&["plugin", "dev", dir, "--tenant", "acme", "--name", ROUTER, "--once"]);
            assert!(said.contains("is now"), "{said}");
            let versions = server.json(&["plugin", "list", "acme", ROUTER]);
            versions["items"][0]["digest"].as_str().unwrap().to_owned()
        }
        _ => {
            let installed = server.json(&["plugin", "install", "acme", ROUTER, file]);
            let digest = installed["digest"].as_str().unwrap().to_owned();
            server.ok(&["plugin", "activate", "acme", ROUTER, &digest[..12]]);
            digest
        }
    };
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "500ms"]);
    Caller::new().call().expect_bye(15_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(call["agent"], "alice", "{call}\n{}", server.log());
    let routed = detail(&call, "offered", "routed_by");
    let expected = format!("plugin {}", &digest[..12]);
    assert_eq!(routed.as_deref(), Some(&*expected), "{call}\n{}", server.log());
}

#[test]
fn a_first_plugin_in_rust_routes_a_call() {
    from_nothing_to_a_call("rust");
}

#[test]
fn a_first_plugin_in_javascript_routes_a_call() {
    from_nothing_to_a_call("js");
}

#[test]
fn a_first_plugin_in_typescript_routes_a_call() {
    from_nothing_to_a_call("ts");
}

#[test]
fn a_first_plugin_in_python_routes_a_call() {
    from_nothing_to_a_call("python");
}

#[test]
fn a_first_plugin_in_c_routes_a_call() {
    from_nothing_to_a_call("c");
}

#[test]
fn a_first_plugin_in_go_routes_a_call() {
    from_nothing_to_a_call("go");
}

/// The other worlds of a language: begun and tested, and built and checked where that takes seconds.
#[track_caller]
fn other_worlds(language: &str, built: bool) {
    let into =
        std::env::temp_dir().join(format!("jackfield-sdk-{language}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&into);
    let to = into.to_str().unwrap();
    for world in ["flow", "estimator"] {
        done(&["plugin", "new", "--lang", language, "--world", world, world, "--into", to]);
        let dir = into.join(world);
        let dir = dir.to_str().unwrap();
        done(&["plugin", "test", dir]);
        if built {
            done(&["plugin", "build", dir, "--out", to]);
            let said =
                done(&["plugin", "check", into.join(format!("{world}.wasm")).to_str().unwrap()]);
            assert!(said.contains(&format!("world {world}")), "{said}");
        }
    }
    std::fs::remove_dir_all(into).unwrap();
}

#[test]
fn flows_and_estimators_in_rust() {
    other_worlds("rust", false);
}

#[test]
fn flows_and_estimators_in_javascript() {
    other_worlds("js", true);
}

#[test]
fn flows_and_estimators_in_typescript() {
    other_worlds("ts", false);
}

#[test]
fn flows_and_estimators_in_python() {
    other_worlds("python", false);
}

#[test]
fn flows_and_estimators_in_c() {
    other_worlds("c", true);
}

#[test]
fn flows_and_estimators_in_go() {
    other_worlds("go", true);
}

#[test]
fn a_plugin_in_go_has_no_system_and_answers_its_panics() {
    let into = std::env::temp_dir().join(format!("jackfield-sdk-panic-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&into);
    let to = into.to_str().unwrap();
    done(&["plugin", "new", "--lang", "go", "panics", "--into", to]);
    let dir = into.join("panics");
    std::fs::remove_file(dir.join("plugin_test.go")).unwrap();
    let source = "package plugin\n\n\
        import (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n\n\
        \t\"jackfield/routing\"\n\t\"jackfield/types\"\n\t\"jackfield/wit\"\n)\n\n\
        func Choose(ask routing.Ask) wit.Result[routing.Answer, types.PluginError] {\n\
        \tfmt.Println(\"this is gone\")\n\
        \t_, err := os.ReadFile(\"/etc/passwd\")\n\
        \tpanic(fmt.Sprint(err, os.Args, os.Environ(), time.Now().UnixNano()))\n}\n";
    std::fs::write(dir.join("plugin.go"), source).unwrap();
    done(&["plugin", "build", dir.to_str().unwrap(), "--out", to]);
    let output = tool(&["plugin", "check", into.join("panics.wasm").to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = "refused: panic: open /etc/passwd: Not implemented on wasip1 [] [] 1";
    assert!(!output.status.success() && said.contains(expected), "{said}");
    std::fs::remove_dir_all(into).unwrap();
}

#[test]
fn a_test_that_fails_and_a_build_that_fails_say_so() {
    let into = std::env::temp_dir().join(format!("jackfield-sdk-bad-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&into);
    let to = into.to_str().unwrap();
    done(&["plugin", "new", "--lang", "c", "bad", "--into", to]);
    let dir = into.join("bad");
    let source = dir.join("src/plugin.c");
    let text = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, text.replace("a->level < b->level", "a->level > b->level")).unwrap();
    let output = tool(&["plugin", "test", dir.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("the tests of the plugin failed"), "{said}");
    std::fs::write(&source, "nonsense").unwrap();
    let output = tool(&["plugin", "build", dir.to_str().unwrap(), "--out", to]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("clang failed"), "{said}");
    std::fs::remove_dir_all(into).unwrap();
}
