//! Typical mistakes on the command line of plugins: what is said, and that it is said before anything
//! happens.

use std::fmt::Write as _;
use std::fs;

use expect_test::{Expect, expect};

use crate::certify::tool;
use crate::harness::{Server, root};
use crate::queue::QUEUE;

const FLOW: &str = "answer();\nhang_up(\"done\");\n";

/// What each line of a script of commands says; `DIR` is a folder of the test's own.
#[track_caller]
fn transcript(script: &str, dir: &str, run: impl Fn(&[&str]) -> std::process::Output) -> String {
    let mut all = String::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let given = line.replace("DIR", dir);
        let output = run(&given.split(' ').collect::<Vec<_>>());
        assert!(!output.status.success(), "`{line}` was accepted");
        let said = String::from_utf8_lossy(&output.stderr).replace(dir, "DIR");
        let said = without_digests(&said);
        let _ = write!(all, "$ {line}\n{}: {said}", output.status.code().unwrap_or(-1));
    }
    all
}

/// The digest of what was built is the compiler's.
fn without_digests(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let first = parts.next().unwrap_or_default().to_owned();
    let hexadecimal = |text: &&str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.fold(first, |all, part| match part.get(..64).filter(hexadecimal) {
        Some(_) => all + "sha256:..." + &part[64..],
        None => all + "sha256:" + part,
    })
}

#[track_caller]
fn say(name: &str, script: &str, expected: Expect) {
    let dir = std::env::temp_dir().join(format!("jackfield-e2e-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("empty")).unwrap();
    fs::write(dir.join("text"), "text\n").unwrap();
    let at = |file: &str| dir.join(file).display().to_string();
    let package = at("skills.tar");
    let component = root().join("target/plugins/router-skills.wasm").display().to_string();
    let pack =
        ["plugin", "pack", "plugins/router-skills", "--component", &component, "--out", &package];
    assert!(tool(&pack).status.success());
    let mut bytes = fs::read(&package).unwrap();
    let at_end = bytes.len() / 2;
    bytes[at_end] ^= 1;
    fs::write(at("changed.tar"), bytes).unwrap();
    expected.assert_eq(&transcript(script, dir.to_str().unwrap(), tool));
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_file_that_is_something_else_is_called_what_it_is() {
    say(
        "mistaken-files",
        "
        plugin check DIR/nothing.wasm
        plugin check DIR/text
        plugin check DIR/empty
        plugin check plugins/router-skills
        plugin check DIR/skills.tar
        plugin check target/plugins/router-skills.wasm --conformance
        plugin check target/plugins/router-skills.wasm --target 9.9
        plugin check target/plugins/pacer-progressive.wasm --conformance --set mode
        plugin bench DIR/skills.tar
        plugin bench target/plugins/flow-misbehaves.wasm --set a=b
        plugin certify plugins/router-skills
        plugin certify target/plugins/router-skills.wasm --verify DIR/text
        plugin certify target/plugins/router-skills.wasm --out DIR/nowhere/report.json
        plugin build DIR/empty
        plugin test DIR/text
        ",
        expect![[r#"
            $ plugin check DIR/nothing.wasm
            1: error: cannot read DIR/nothing.wasm: No such file or directory (os error 2)
            $ plugin check DIR/text
            1: error: DIR/text is no component: `jackfield plugin build` makes one of a plugin's folder
            $ plugin check DIR/empty
            1: error: DIR/empty is a folder, and a file is wanted
            $ plugin check plugins/router-skills
            1: error: plugins/router-skills is a folder, and a file is wanted: `jackfield plugin build` makes a component of it, `jackfield plugin pack` a package
            $ plugin check DIR/skills.tar
            1: error: DIR/skills.tar is a package, and a component is wanted: `jackfield plugin verify` looks at packages
            $ plugin check target/plugins/router-skills.wasm --conformance
            1: error: step `self_test`: a router has no conformance suite; certify it in simulated centres: `jackfield plugin certify`
            $ plugin check target/plugins/router-skills.wasm --target 9.9
            1: error: step `world`: no host 9.9 is known; one of 0.1, 0.2
            $ plugin check target/plugins/pacer-progressive.wasm --conformance --set mode
            2: error: --set mode: `NAME=VALUE` is accepted
            $ plugin bench DIR/skills.tar
            1: error: DIR/skills.tar is a package, and a component is wanted: `jackfield plugin verify` looks at packages
            $ plugin bench target/plugins/flow-misbehaves.wasm --set a=b
            2: error: --set a=b: a flow has no settings
            $ plugin certify plugins/router-skills
            1: error: plugins/router-skills is a folder, and a file is wanted: `jackfield plugin build` makes a component of it, `jackfield plugin pack` a package
            $ plugin certify target/plugins/router-skills.wasm --verify DIR/text
            1: error: DIR/text: there is no certification report in it: certification.json: expected ident at line 1 column 2
            $ plugin certify target/plugins/router-skills.wasm --out DIR/nowhere/report.json
            1: error: there is no folder DIR/nowhere
            $ plugin build DIR/empty
            1: error: `DIR/empty`: no plugin is here: a folder has Cargo.toml (Rust), package.json (JavaScript, or TypeScript with tsconfig.json), pyproject.toml (Python), go.mod (Go) or src/*.c (C)
            $ plugin test DIR/text
            1: error: `DIR/text`: no plugin is here: a folder has Cargo.toml (Rust), package.json (JavaScript, or TypeScript with tsconfig.json), pyproject.toml (Python), go.mod (Go) or src/*.c (C)
        "#]],
    );
}

#[test]
fn packages_and_keys_are_not_taken_for_one_another() {
    say(
        "mistaken-packages",
        "
        plugin pack DIR/empty
        plugin pack DIR/text
        plugin pack plugins/router-skills --component target/plugins/chatbot-faq.wasm
        plugin verify DIR/changed.tar
        plugin verify DIR/text
        plugin verify DIR/empty
        plugin verify DIR/nothing
        plugin verify target/plugins/router-skills.wasm
        plugin sign DIR/skills.tar --key DIR/text
        plugin key shop --out DIR/text
        plugin push DIR/skills.tar nowhere
        plugin push DIR/changed.tar 127.0.0.1:1/plugins/skills
        plugin pull 127.0.0.1:1/plugins/skills:1.0.0
        market search
        market show skills --index nowhere
        market show skills --index 127.0.0.1:1/market/index:latest
        market show skills --version one --index 127.0.0.1:1/market/index:latest
        ",
        expect![[r#"
            $ plugin pack DIR/empty
            1: error: `DIR/empty`: no plugin is here: a folder with plugin.toml is accepted
            $ plugin pack DIR/text
            1: error: `DIR/text`: no plugin is here: a folder with plugin.toml is accepted
            $ plugin pack plugins/router-skills --component target/plugins/chatbot-faq.wasm
            1: error: plugin.toml says `world = "router"`, target/plugins/chatbot-faq.wasm is of chatbot
            $ plugin verify DIR/changed.tar
            1: error: DIR/changed.tar: the component was changed: it is sha256:..., the package says sha256:...
            $ plugin verify DIR/text
            1: error: DIR/text: not a package: its tar cannot be read: failed to read entire block
            $ plugin verify DIR/empty
            1: error: DIR/empty is a folder, and a file is wanted
            $ plugin verify DIR/nothing
            1: error: there is no file `DIR/nothing`, and `DIR/nothing` is no reference: `registry.example/path/name:1.2.0` or `…@sha256:…` is accepted
            $ plugin verify target/plugins/router-skills.wasm
            1: error: target/plugins/router-skills.wasm is a component, and a package is wanted: `jackfield plugin pack` makes one of the plugin's folder
            $ plugin sign DIR/skills.tar --key DIR/text
            1: error: DIR/text: it is no Ed25519 key: PKCS#8 ASN.1 error: PEM error: PEM preamble contains invalid data (NUL byte); a PKCS#8 file of `jackfield plugin key` is accepted
            $ plugin key shop --out DIR/text
            1: error: DIR/text exists already, and no key is replaced
            $ plugin push DIR/skills.tar nowhere
            1: error: `nowhere` is no reference: `registry.example/path/name:1.2.0` or `…@sha256:…` is accepted
            $ plugin push DIR/changed.tar 127.0.0.1:1/plugins/skills
            1: error: DIR/changed.tar: the component was changed: it is sha256:..., the package says sha256:...
            $ plugin pull 127.0.0.1:1/plugins/skills:1.0.0
            1: error: the registry `127.0.0.1:1` cannot be reached: is its name right, and does it speak TLS (`--plain-http` if not)?
            $ market search
            2: error: no catalogue is known: `--index registry.example/market/index:latest`, or `plugins.indexes` of the configuration
            $ market show skills --index nowhere
            1: error: `nowhere` is no reference: `registry.example/path/name:1.2.0` or `…@sha256:…` is accepted
            $ market show skills --index 127.0.0.1:1/market/index:latest
            1: error: the registry `127.0.0.1:1` cannot be reached: is its name right, and does it speak TLS (`--plain-http` if not)?
            $ market show skills --version one --index 127.0.0.1:1/market/index:latest
            2: error: `--version one`: unexpected character 'o' while parsing major version number; such as `1.2.0` is accepted
        "#]],
    );
}

#[test]
fn without_a_server_it_is_said_how_to_start_one() {
    say(
        "mistaken-servers",
        "
        plugin list acme --url http://127.0.0.1:1
        plugin install acme x DIR/nothing.wasm --url http://127.0.0.1:1
        plugin install acme x target/plugins/flow-rhai.wasm --url http://127.0.0.1:1
        plugin install acme x DIR/skills.tar --url http://127.0.0.1:1
        ",
        expect![[r#"
            $ plugin list acme --url http://127.0.0.1:1
            3: error: cannot reach the server at http://127.0.0.1:1: Connection refused (os error 111)
              start it with `jackfield serve`, or say where it is with --url or JACKFIELD_URL
            $ plugin install acme x DIR/nothing.wasm --url http://127.0.0.1:1
            1: error: cannot read DIR/nothing.wasm: No such file or directory (os error 2)
            $ plugin install acme x target/plugins/flow-rhai.wasm --url http://127.0.0.1:1
            1: error: target/plugins/flow-rhai.wasm reads scripts and is not installed itself: `jackfield flow publish` takes a script
            $ plugin install acme x DIR/skills.tar --url http://127.0.0.1:1
            3: error: cannot reach the server at http://127.0.0.1:1: Connection refused (os error 111)
              start it with `jackfield serve`, or say where it is with --url or JACKFIELD_URL
        "#]],
    );
}

#[test]
fn a_server_says_what_it_has_instead() {
    let server = Server::start("mistakes", QUEUE, &[("main.rhai", FLOW)]);
    let dir = server.dir.display().to_string();
    let changed = server.dir.join("changed.tar");
    let component = root().join("target/plugins/router-skills.wasm").display().to_string();
    let folder = root().join("plugins/router-skills").display().to_string();
    let package = server.dir.join("skills.tar").display().to_string();
    server.ok(&["plugin", "pack", &folder, "--component", &component, "--out", &package]);
    let mut bytes = fs::read(&package).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(changed, bytes).unwrap();
    let script = "
        plugin list nobody
        plugin show acme nothing
        plugin list acme nothing
        plugin install nobody longest-idle DIR/skills.tar
        plugin install acme longest-idle DIR/changed.tar
        plugin install acme longest-idle DIR/skills.tar --world rooter
        plugin install acme longest-idle DIR/skills.tar --world estimator
        plugin install acme longest-idle DIR/skills.tar --grant everything
        plugin install acme main target/plugins/flow-misbehaves.wasm --world router
        plugin activate acme longest-idle 0123
        plugin activate acme nothing 0123
        plugin rollback acme longest-idle
        plugin rollback acme nothing
        plugin disable acme nothing
        plugin canary acme longest-idle 0123 --percent 5
        plugin shadow acme main 0123
        plugin promote acme longest-idle
        plugin ask acme nothing --contact +371
        router publish acme nothing DIR/main.rhai
    ";
    expect![[r#"
        $ plugin list nobody
        1: error: Not found: there is no tenant `nobody`
        $ plugin show acme nothing
        1: error: Not found: there is no plugin `nothing`
        $ plugin list acme nothing
        1: error: Not found: there is no plugin `nothing`
        $ plugin install nobody longest-idle DIR/skills.tar
        1: error: Not found: there is no tenant `nobody`
        $ plugin install acme longest-idle DIR/changed.tar
        1: error: DIR/changed.tar: the component was changed: it is sha256:..., the package says sha256:...
        $ plugin install acme longest-idle DIR/skills.tar --world rooter
        1: error: The query is not understood: `world`: `router`, `estimator`, `flow`, `chatbot`, `channel`, `connector`, `analyst`, `pacer` are accepted, got `rooter`
        $ plugin install acme longest-idle DIR/skills.tar --world estimator
        1: error: A step failed; what served before still serves: the plugin `longest-idle` is no estimator: give it a name of its own
        $ plugin install acme longest-idle DIR/skills.tar --grant everything
        1: error: A value is not accepted: `grants`: there is no grant `everything`: `crm.read`, `crm.history`, `crm.write`, `crm.segment`, `crm.address`, `http`, `secrets`, `messaging`, `state`, `metrics`, `clock`, `log` are accepted
        $ plugin install acme main target/plugins/flow-misbehaves.wasm --world router
        1: error: A step failed; what served before still serves: step `world`: the world `router` needs the export `jackfield:plugin/router-guest@0.1.0`, it has `jackfield:plugin/flow-guest@0.1.0`; it is of the world `flow`: install it as one
        $ plugin activate acme longest-idle 0123
        1: error: no version's digest starts with `0123`: `jackfield plugin list TENANT NAME` shows them, or `jackfield flow versions TENANT NAME`
        $ plugin activate acme nothing 0123
        1: error: Not found: there is no plugin `nothing`
        $ plugin rollback acme longest-idle
        1: error: A value is not accepted: `digest`: the plugin `longest-idle` has no earlier version
        $ plugin rollback acme nothing
        1: error: Not found: there is no plugin `nothing`
        $ plugin disable acme nothing
        1: error: Not found: there is no plugin `nothing`
        $ plugin canary acme longest-idle 0123 --percent 5
        1: error: no version's digest starts with `0123`: `jackfield plugin list TENANT NAME` shows them, or `jackfield flow versions TENANT NAME`
        $ plugin shadow acme main 0123
        1: error: no version's digest starts with `0123`: `jackfield plugin list TENANT NAME` shows them, or `jackfield flow versions TENANT NAME`
        $ plugin promote acme longest-idle
        1: error: A value is not accepted: `plugin`: no candidate of `longest-idle` is tried: `jackfield plugin canary` or `shadow` begin one
        $ plugin ask acme nothing --contact +371
        1: error: Not found: there is no connector `nothing`
        $ router publish acme nothing DIR/main.rhai
        1: error: Not found: there is no plugin `nothing`
    "#]].assert_eq(&transcript(script, &dir, |args| server.cli(args)));
}
