use super::*;

#[test]
fn every_language_has_a_start_for_every_world() {
    for language in Language::ALL {
        for world in
            ["router", "flow", "estimator", "chatbot", "channel", "connector", "analyst", "pacer"]
        {
            is_whole(language, world);
        }
    }
}

#[track_caller]
fn is_whole(language: Language, world: &str) {
    let files = project(language, world, "some-name").unwrap_or_else(|error| {
        panic!("{} {world}: {error:?}", language.name());
    });
    let manifest = files.iter().find(|(path, _)| path == "plugin.toml").unwrap();
    assert!(manifest.1.contains("name = \"some-name\""), "{}", manifest.1);
    assert!(files.iter().any(|(path, _)| path == "README.md"), "{}", language.name());
    let (from, _) = brought(language).path;
    for (path, text) in &files {
        let whole = !text.contains(from) && !text.contains(&format!("example-{world}"));
        assert!(whole, "{} {world}: {path} still leads to the SDK", language.name());
    }
}

#[test]
fn what_cannot_be_begun_is_refused_with_what_can() {
    let refused = |language: &str, world: &str, name: &str| {
        let given = NewArgs {
            name: name.to_owned(),
            lang: language.to_owned(),
            world: world.to_owned(),
            into: std::env::temp_dir(),
        };
        format!("{:?}", run(&given).unwrap_err())
    };
    assert!(refused("perl", "router", "x").contains("rust, js, ts, python, c, go"));
    assert!(refused("js", "oracle", "x").contains("estimator, flow, pacer, router"));
    assert!(refused("js", "router", "X y").contains("no name of a plugin"));
}
