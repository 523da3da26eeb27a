//! What is not installed, and why: each error names its step and the way out.

use std::time::Duration;

use expect_test::{Expect, expect};
use jackfield_plugin_host::{Grant, Grants, HostConfig, PluginHost, World};

use crate::support::{HOST, config, guest};

#[track_caller]
fn refused(host: &PluginHost, wasm: &[u8], world: World, grants: &Grants, expected: Expect) {
    let error = host.install(wasm, world, grants).unwrap_err();
    expected.assert_eq(&error.to_string());
}

#[test]
fn bytes_that_are_no_component() {
    let all = Grants::all();
    refused(
        &HOST,
        b"hello",
        World::Router,
        &all,
        expect![
            "step `decode`: these bytes are not WebAssembly; build it with `jackfield plugin build`, which makes a component of a module"
        ],
    );
    let module = b"\0asm\x01\0\0\0";
    refused(
        &HOST,
        module,
        World::Router,
        &all,
        expect![
            "step `decode`: this is a core module, not a component; build it with `jackfield plugin build`, which makes a component of a module"
        ],
    );
    let mut torn = guest("router-longest-idle");
    torn.truncate(torn.len() / 2);
    let error = HOST.install(&torn, World::Router, &all).unwrap_err();
    assert_eq!(error.step.name(), "decode");
}

#[test]
fn another_world_than_expected() {
    let all = Grants::all();
    refused(
        &HOST,
        &guest("router-longest-idle"),
        World::Flow,
        &all,
        expect![
            "step `world`: the world `flow` needs the export `jackfield:plugin/flow-guest@0.1.0`, it has `jackfield:plugin/router-guest@0.1.0`; it is of the world `router`: install it as one"
        ],
    );
    refused(
        &HOST,
        &guest("flow-misbehaves"),
        World::Interpreter,
        &all,
        expect![
            "step `world`: the world `interpreter` needs the export `load`, it has `jackfield:plugin/flow-guest@0.1.0`; it is of the world `flow`: install it as one"
        ],
    );
}

#[test]
fn an_import_that_is_not_granted() {
    let wasm = guest("flow-rhai");
    let some: Grants = [Grant::Log, Grant::Clock].into_iter().collect();
    refused(
        &HOST,
        &wasm,
        World::Interpreter,
        &some,
        expect![[
            r#"step `grant`: it imports `crm.read`, which this tenant does not grant; add `grants = ["crm.read", "crm.write", "clock", "log"]` to the plugin's entry, or do without"#
        ]],
    );
}

#[test]
fn a_router_without_the_grant_for_earlier_contacts() {
    let wasm = guest("router-sticky");
    refused(
        &HOST,
        &wasm,
        World::Router,
        &Grants::default(),
        expect![[
            r#"step `grant`: it imports `crm.history`, which this tenant does not grant; add `grants = ["crm.history"]` to the plugin's entry, or do without"#
        ]],
    );
    let history: Grants = [Grant::CrmHistory].into_iter().collect();
    let installed = HOST.install(&wasm, World::Router, &history).unwrap();
    assert_eq!(installed.imports, ["jackfield:crm/history@0.1.0"]);
}

/// Without a worker to be found, as in the tests of other crates.
#[test]
fn a_host_that_compiles_by_itself() {
    let cache_dir = config().cache_dir.join("in-process");
    let _ = std::fs::remove_dir_all(&cache_dir);
    let host = |compile_in_process| {
        PluginHost::new(HostConfig {
            cache_dir: cache_dir.clone(),
            worker: vec!["/nowhere/plugin-worker".to_owned()],
            compile_in_process,
            flow_instances_max: 1,
            ..config()
        })
    };
    let wasm = guest("router-longest-idle");
    let error = host(false).unwrap().install(&wasm, World::Router, &Grants::default());
    assert_eq!(error.unwrap_err().step.name(), "compile");
    let done = host(true).unwrap().install(&wasm, World::Router, &Grants::default()).unwrap();
    assert!(!done.cached);
    // What it made is what a worker would have made.
    let kept = host(false).unwrap().install(&wasm, World::Router, &Grants::default()).unwrap();
    assert!(kept.cached);
}

#[test]
fn a_component_that_is_too_large() {
    let host = PluginHost::new(HostConfig {
        component_bytes_max: 1_000,
        flow_instances_max: 1,
        ..config()
    });
    let wasm = guest("router-longest-idle");
    let error = host.unwrap().install(&wasm, World::Router, &Grants::all()).unwrap_err();
    assert_eq!(error.step.name(), "size");
}

/// A host that has nothing in its cache and limits that nobody can keep.
fn tight(name: &str, compile_time: Duration, compile_memory_bytes: u64) -> String {
    let cache_dir = config().cache_dir.join(name);
    let _ = std::fs::remove_dir_all(&cache_dir);
    let host = PluginHost::new(HostConfig {
        cache_dir,
        compile_time,
        compile_memory_bytes,
        flow_instances_max: 1,
        ..config()
    });
    let wasm = guest("flow-misbehaves");
    host.unwrap().install(&wasm, World::Flow, &Grants::all()).unwrap_err().to_string()
}

/// A machine that is never idle: the first worker has no processor, the second has a share.
#[test]
fn a_compilation_that_finds_no_idle_processor() {
    let cache_dir = config().cache_dir.join("starved");
    let _ = std::fs::remove_dir_all(&cache_dir);
    let compile_patience = Duration::from_millis(1);
    let host = PluginHost::new(HostConfig {
        cache_dir,
        compile_patience,
        flow_instances_max: 1,
        ..config()
    });
    let wasm = guest("router-longest-idle");
    let installed = host.unwrap().install(&wasm, World::Router, &Grants::all()).unwrap();
    assert!(0 < installed.compile_ms);
}

#[test]
fn a_compilation_beyond_its_limits() {
    expect!["step `compile`: the compilation took longer than 1ms; make it smaller, or raise `limits.compile_time`"].assert_eq(&tight("tight-time", Duration::from_millis(1), 4 << 30));
    let memory = tight("tight-memory", Duration::from_secs(60), 8 << 20);
    assert!(
        memory.starts_with("step `compile`: the compilation was ended by its limits"),
        "{memory}"
    );
}

#[test]
fn a_second_installation_does_not_compile() {
    let cache_dir = config().cache_dir.join("second");
    let _ = std::fs::remove_dir_all(&cache_dir);
    let fresh = || {
        PluginHost::new(HostConfig {
            cache_dir: cache_dir.clone(),
            flow_instances_max: 1,
            ..config()
        })
    };
    let wasm = guest("router-longest-idle");
    let first = fresh().unwrap().install(&wasm, World::Router, &Grants::default()).unwrap();
    let second = fresh().unwrap().install(&wasm, World::Router, &Grants::default()).unwrap();
    assert!(!first.cached && second.cached, "{first:?} {second:?}");
    assert_eq!(second.compile_ms, 0);
    assert_eq!(first.digest, second.digest);
}

/// A host whose cache is empty, and what its cache holds of this component.
fn machine_code(name: &str, reuse: usize, components: &[&[u8]]) -> (Vec<u8>, bool) {
    let folder = format!("jackfield-{name}-{}", std::process::id());
    let cache_dir = std::env::temp_dir().join(folder);
    let _ = std::fs::remove_dir_all(&cache_dir);
    let config =
        HostConfig { cache_dir: cache_dir.clone(), compile_reuse_bytes_max: reuse, ..config() };
    let host = PluginHost::new(config).unwrap();
    let mut digest = String::new();
    for wasm in components {
        digest = host.install(wasm, World::RouterInterpreter, &Grants::all()).unwrap().digest;
    }
    let names = std::fs::read_dir(&cache_dir).unwrap();
    let names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let code = names.iter().find(|name| name.starts_with(&digest) && name.ends_with(".cwasm"));
    let code = std::fs::read(cache_dir.join(code.unwrap())).unwrap();
    let kept = names.iter().any(|name| name.starts_with("functions-"));
    std::fs::remove_dir_all(&cache_dir).unwrap();
    (code, kept)
}

#[test]
fn functions_compiled_before_make_the_same_machine_code() {
    let first = guest("router-rhai");
    // A custom section more: another component of the same functions.
    let mut second = first.clone();
    second.extend(b"\0\x05\x04more");
    let (anew, kept) = machine_code("anew", 0, &[&second]);
    assert!(!kept);
    let (again, kept) = machine_code("again", 64 << 20, &[&first, &second]);
    assert!(kept);
    assert!(anew == again, "{} and {} bytes", anew.len(), again.len());
}
