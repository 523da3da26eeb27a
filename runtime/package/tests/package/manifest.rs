use expect_test::expect;
use jackfield_package::{Difference, PluginManifest};

use crate::{package, plugin_toml};

/// What reading a `plugin.toml` with another line in stead of one says.
fn mistake(from: &str, to: &str) -> String {
    let text = plugin_toml("1.0.0", "\"log\"").replace(from, to);
    PluginManifest::parse(&text)
        .and_then(|found| found.publishable().map(drop))
        .unwrap_err()
        .to_string()
}

#[test]
fn mistakes_are_named_with_what_is_accepted() {
    let said = [
        mistake("name = \"router-sample\"", "name = \"Router Sample\""),
        mistake("version = \"1.0.0\"", "version = \"one\""),
        mistake("version = \"1.0.0\"\n", ""),
        mistake("licence = \"Apache-2.0\"\n", ""),
        mistake("on_trap = \"the built-in rule decides\"", "on_trap = \" \""),
        mistake("world = \"router\"\n", ""),
        mistake("wants = [\"log\"]", "wants = [\"log\"]\nhosts = [\"https://a.example\"]"),
        mistake("wants = [\"log\"]", "wannts = [\"log\"]"),
        mistake("wants = [\"log\"]", "config = 3"),
    ];
    expect![[r#"
        plugin.toml: `name` is `Router Sample`: 1 to 64 lower case letters, digits and `-` are accepted
        ---
        plugin.toml: TOML parse error at line 2, column 11
          |
        2 | version = "one"
          |           ^^^^^
        unexpected character 'o' while parsing major version number
        ---
        plugin.toml: `version` is missing: a package has one, such as "1.0.0"
        ---
        plugin.toml: `licence` is missing: a package has one, such as "Apache-2.0"
        ---
        plugin.toml: `on_trap` is empty: a sentence on what happens to the contact is accepted
        ---
        plugin.toml: TOML parse error at line 1, column 1
          |
        1 | name = "router-sample"
          | ^
        missing field `world`
        ---
        plugin.toml: `hosts` has `https://a.example`: `api.example.com`, `*.example.com` or `host:port` is accepted
        ---
        plugin.toml: TOML parse error at line 4, column 1
          |
        4 | wannts = ["log"]
          | ^^^^^^
        unknown field `wannts`, expected one of `name`, `version`, `world`, `wants`, `on_trap`, `summary`, `licence`, `languages`, `hosts`, `homepage`, `config`, `keywords`
        ---
        plugin.toml: `config` is no JSON Schema: a table is accepted"#]].assert_eq(&said.join("\n---\n"));
}

#[test]
fn an_update_says_what_it_may_do_anew() {
    let old = package("1.0.0", "\"log\", \"crm.read\"");
    let new = package("1.1.0", "\"log\", \"crm.write\"");
    let (old, new) = (old.manifest().permissions(), new.manifest().permissions());
    let difference = Difference::between(&old, &new);
    assert_eq!(difference.added, ["crm.write"]);
    assert_eq!(difference.removed, ["crm.read"]);
    assert_eq!(difference.kept, ["log"]);
    assert_eq!(Difference::between(&[], &new).added, ["crm.write", "log"]);
}
