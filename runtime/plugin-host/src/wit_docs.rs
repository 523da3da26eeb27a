//! The documentation of the contract, made of the comments in `wit/`.

use std::fmt::Write as _;

use wit_parser::{
    Docs, Function, Handle, Interface, Resolve, Type, TypeDefKind, TypeId, WorldItem, WorldKey,
};

use crate::contract;

/// Says at the top of each document that nobody writes it by hand.
const MADE: &str = "<!-- Made of the comments in wit/ by `UPDATE_EXPECT=1 cargo test -p \
                    jackfield-plugin-host --lib wit_docs`. -->\n\n";

/// Returns the documents by file name: one of the worlds, and one for each package of interfaces.
///
/// # Errors
///
/// What the parser of the contract said.
pub fn documents() -> Result<Vec<(String, String)>, String> {
    let (resolve, main) = contract::whole()?;
    let mut documents = vec![("worlds.md".to_owned(), worlds(&resolve, main))];
    for (id, package) in resolve.packages.iter().filter(|(id, _)| *id != main) {
        let _ = id;
        let name = &package.name;
        let mut text = format!("{MADE}# `{name}`\n");
        for (_, interface) in &package.interfaces {
            if let Some(interface) = resolve.interfaces.get(*interface) {
                text.push_str(&self::interface(&resolve, interface));
            }
        }
        documents.push((format!("{}.md", name.name), text));
    }
    documents.sort();
    Ok(documents)
}

fn worlds(resolve: &Resolve, main: wit_parser::PackageId) -> String {
    let mut text = format!("{MADE}# Worlds\n\nWhat a plugin may be, and what each kind exports.\n");
    let Some(package) = resolve.packages.get(main) else { return text };
    for (name, world) in &package.worlds {
        let Some(world) = resolve.worlds.get(*world) else { continue };
        let _ = write!(text, "\n## `{name}`\n\n{}", paragraph(&world.docs));
        // Types do nothing, so nobody imports them for themselves.
        let acts = |item: &WorldItem| match item {
            WorldItem::Interface { id, .. } => {
                resolve.interfaces.get(*id).is_some_and(|found| !found.functions.is_empty())
            }
            WorldItem::Function(_) => true,
            WorldItem::Type { .. } => false,
        };
        let named =
            |(key, _): (&WorldKey, &WorldItem)| format!("`{}`", resolve.name_world_key(key));
        let imports = world.imports.iter().filter(|(_, item)| acts(item));
        let imports: Vec<String> = imports.map(named).collect();
        if !imports.is_empty() {
            let _ = write!(text, "\n**May import:** {}.\n", imports.join(", "));
        }
        for (_, item) in &world.exports {
            match item {
                WorldItem::Interface { id, .. } => {
                    let Some(found) = resolve.interfaces.get(*id) else { continue };
                    let _ = write!(
                        text,
                        "\n**Exports** `{}`:\n\n",
                        found.name.as_deref().unwrap_or("")
                    );
                    for function in found.functions.values() {
                        text.push_str(&self::function(resolve, function));
                    }
                }
                WorldItem::Function(function) => {
                    text.push_str("\n**Exports**\n\n");
                    text.push_str(&self::function(resolve, function));
                }
                WorldItem::Type { .. } => {}
            }
        }
    }
    text
}

fn interface(resolve: &Resolve, interface: &Interface) -> String {
    let name = interface.name.as_deref().unwrap_or_default();
    let mut text = format!("\n## `{name}`\n\n{}", paragraph(&interface.docs));
    if !interface.functions.is_empty() {
        text.push_str("\n### Functions\n\n");
        for function in interface.functions.values() {
            text.push_str(&self::function(resolve, function));
        }
    }
    let own = interface.types.iter().filter_map(|(name, id)| described(resolve, name, *id));
    let own: Vec<String> = own.collect();
    if !own.is_empty() {
        let _ = write!(text, "\n### Types\n\n{}", own.concat());
    }
    text
}

fn function(resolve: &Resolve, function: &Function) -> String {
    let parameter = |one: &wit_parser::Param| format!("{}: {}", one.name, called(resolve, &one.ty));
    let parameters: Vec<String> = function.params.iter().map(parameter).collect();
    let result = function.result.as_ref().map(|ty| format!(" -> {}", called(resolve, ty)));
    let signature =
        format!("{}({}){}", function.name, parameters.join(", "), result.unwrap_or_default());
    format!("* `{signature}`{}\n", indented(&function.docs))
}

/// A type of an interface's own, with its parts; none for one that it has from another.
fn described(resolve: &Resolve, name: &str, id: TypeId) -> Option<String> {
    let found = resolve.types.get(id)?;
    let part = |name: &str, ty: Option<String>, docs: &Docs| {
        let ty = ty.map_or_else(String::new, |ty| format!(": {ty}"));
        format!("  * `{name}{ty}`{}\n", indented(docs))
    };
    let parts: String = match &found.kind {
        TypeDefKind::Record(record) => record
            .fields
            .iter()
            .map(|field| part(&field.name, Some(called(resolve, &field.ty)), &field.docs))
            .collect(),
        TypeDefKind::Variant(variant) => variant
            .cases
            .iter()
            .map(|case| {
                let ty = case.ty.as_ref().map(|ty| called(resolve, ty));
                part(&case.name, ty, &case.docs)
            })
            .collect(),
        TypeDefKind::Enum(all) => {
            all.cases.iter().map(|case| part(&case.name, None, &case.docs)).collect()
        }
        TypeDefKind::Flags(all) => {
            all.flags.iter().map(|flag| part(&flag.name, None, &flag.docs)).collect()
        }
        TypeDefKind::Resource => String::new(),
        // One that another interface defines.
        TypeDefKind::Type(Type::Id(_)) => return None,
        _ => String::new(),
    };
    let alias = match &found.kind {
        TypeDefKind::Type(ty) => format!(" = {}", called(resolve, ty)),
        TypeDefKind::Tuple(_) | TypeDefKind::List(_) | TypeDefKind::Option(_) => {
            format!(" = {}", shape(resolve, &found.kind))
        }
        _ => String::new(),
    };
    let kind = match &found.kind {
        TypeDefKind::Type(_) => "type",
        other => other.as_str(),
    };
    Some(format!("* {kind} `{name}{alias}`{}\n{parts}", indented(&found.docs)))
}

fn called(resolve: &Resolve, ty: &Type) -> String {
    let Type::Id(id) = ty else { return format!("{ty:?}").to_lowercase() };
    let Some(found) = resolve.types.get(*id) else { return String::new() };
    match &found.name {
        Some(name) => name.clone(),
        None => shape(resolve, &found.kind),
    }
}

fn shape(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let named = |ty: &Type| called(resolve, ty);
    let or_none = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), &named);
    match kind {
        TypeDefKind::List(of) => format!("list<{}>", named(of)),
        TypeDefKind::Option(of) => format!("option<{}>", named(of)),
        TypeDefKind::Result(of) => format!("result<{}, {}>", or_none(&of.ok), or_none(&of.err)),
        TypeDefKind::Tuple(of) => {
            let all: Vec<String> = of.types.iter().map(named).collect();
            format!("tuple<{}>", all.join(", "))
        }
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => named(&Type::Id(*id)),
        other => other.as_str().to_owned(),
    }
}

fn paragraph(docs: &Docs) -> String {
    docs.contents.as_deref().map_or_else(String::new, |text| format!("{}\n", text.trim()))
}

/// On the same line, one line.
fn indented(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(" ")) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The committed text is the one that is made: `UPDATE_EXPECT=1` writes it.
    #[test]
    fn wit_docs_are_current() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/docs");
        let made = documents().unwrap();
        let update = std::env::var_os("UPDATE_EXPECT").is_some();
        if update {
            std::fs::create_dir_all(&folder).unwrap();
        }
        for (name, text) in &made {
            let path = folder.join(name);
            if update {
                std::fs::write(&path, text).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(kept == *text, "wit/docs/{name} is old: UPDATE_EXPECT=1 writes it");
        }
        let kept = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(kept, made.len(), "a document in wit/docs is of a package that is gone");
    }

    #[test]
    fn every_world_and_every_function_is_in_them() {
        let all: String = documents().unwrap().into_iter().map(|(_, text)| text).collect();
        let (resolve, main) = contract::whole().unwrap();
        for name in resolve.packages[main].worlds.keys() {
            assert!(all.contains(&format!("\n## `{name}`\n")), "{name}");
        }
        for (_, interface) in resolve.interfaces.iter() {
            for function in interface.functions.values() {
                assert!(all.contains(&format!("* `{}(", function.name)), "{}", function.name);
            }
        }
    }
}
