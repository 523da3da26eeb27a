//! The types of a world for editors and for the compiler of TypeScript, from the contract: one
//! module for each interface, with its comments.
//!
//! How values look in JavaScript is what componentize-qjs makes of them.

use std::fmt::Write as _;

use wit_parser::{
    Docs, Function, FunctionKind, Handle, Interface, Resolve, Type, TypeDef, TypeDefKind, TypeId,
    TypeOwner, WorldId, WorldItem,
};

/// Returns the text of a `.d.ts` file.
pub fn of_world(resolve: &Resolve, world: WorldId) -> String {
    let mut text = String::from(
        "// Made by `jackfield plugin build` from the contract and plugin.toml. Do not change it.\n",
    );
    let Some(world) = resolve.worlds.get(world) else { return text };
    let interfaces = |items: &mut dyn Iterator<Item = &WorldItem>| -> Vec<_> {
        let interface = |item: &WorldItem| match item {
            WorldItem::Interface { id, .. } => Some(*id),
            WorldItem::Function(_) | WorldItem::Type { .. } => None,
        };
        items.filter_map(interface).collect()
    };
    for id in interfaces(&mut world.imports.values()) {
        module(resolve, &mut text, &resolve.interfaces[id], id, false);
    }
    for id in interfaces(&mut world.exports.values()) {
        module(resolve, &mut text, &resolve.interfaces[id], id, true);
    }
    text
}

fn module(
    resolve: &Resolve,
    text: &mut String,
    interface: &Interface,
    id: wit_parser::InterfaceId,
    exported: bool,
) {
    let Some(name) = resolve.id_of(id) else { return };
    text.push('\n');
    docs(text, &interface.docs, "");
    let _ = writeln!(text, "declare module '{name}' {{");
    for (name, id) in &interface.types {
        definition(resolve, text, interface, name, *id);
    }
    let plain = interface.functions.values();
    let plain = plain.filter(|function| matches!(function.kind, FunctionKind::Freestanding));
    if exported {
        let guest = pascal(interface.name.as_deref().unwrap_or_default());
        let _ = writeln!(text, "  /** What the plugin exports as `{}`. */", lower(&guest));
        let _ = writeln!(text, "  export interface {guest} {{");
        for function in plain {
            docs(text, &function.docs, "    ");
            let _ = writeln!(text, "    {}", signature(resolve, function, &function.name, 0));
        }
        text.push_str("  }\n");
    } else {
        for function in plain {
            docs(text, &function.docs, "  ");
            let signature = signature(resolve, function, &function.name, 0);
            let _ = writeln!(text, "  export function {signature}");
        }
    }
    text.push_str("}\n");
}

fn definition(resolve: &Resolve, text: &mut String, of: &Interface, name: &str, id: TypeId) {
    let found = &resolve.types[id];
    let name = pascal(name);
    docs(text, &found.docs, "  ");
    match &found.kind {
        TypeDefKind::Record(record) => {
            let _ = writeln!(text, "  export interface {name} {{");
            for field in &record.fields {
                docs(text, &field.docs, "    ");
                let _ = writeln!(text, "    {}: {};", camel(&field.name), ty(resolve, &field.ty));
            }
            text.push_str("  }\n");
        }
        TypeDefKind::Variant(variant) => {
            let _ = write!(text, "  export type {name} =");
            for case in &variant.cases {
                text.push('\n');
                docs(text, &case.docs, "    ");
                let value = case.ty.map(|one| format!(", val: {}", ty(resolve, &one)));
                let value = value.unwrap_or_default();
                let _ = write!(text, "    | {{ tag: '{}'{value} }}", case.name);
            }
            text.push_str(";\n");
        }
        TypeDefKind::Resource => {
            let _ = writeln!(text, "  export class {name} {{\n    private constructor();");
            let methods = of.functions.values().filter(|one| one.kind.resource() == Some(id));
            for method in methods {
                let own = method.name.rsplit('.').next().unwrap_or(&method.name);
                docs(text, &method.docs, "    ");
                let fixed = matches!(method.kind, FunctionKind::Static(_));
                let skip = usize::from(!fixed);
                let fixed = if fixed { "static " } else { "" };
                let _ = writeln!(text, "    {fixed}{}", signature(resolve, method, own, skip));
            }
            text.push_str("  }\n");
        }
        _ => {
            let _ = writeln!(text, "  export type {name} = {};", kind(resolve, found));
        }
    }
}

/// `name(parameter: type): type;`, without the first `skip` parameters.
fn signature(resolve: &Resolve, function: &Function, name: &str, skip: usize) -> String {
    let parameters = function.params.iter().skip(skip);
    let parameters: Vec<_> = parameters
        .map(|param| format!("{}: {}", camel(&param.name), ty(resolve, &param.ty)))
        .collect();
    // An error is thrown, so what is left is the answer.
    let result = function.result.map_or("void".to_owned(), |result| {
        let Type::Id(id) = result else { return ty(resolve, &result) };
        match &resolve.types[id].kind {
            TypeDefKind::Result(both) => both.ok.map_or("void".to_owned(), |one| ty(resolve, &one)),
            _ => ty(resolve, &result),
        }
    });
    format!("{}({}): {result};", camel(name), parameters.join(", "))
}

fn ty(resolve: &Resolve, found: &Type) -> String {
    let name = match found {
        Type::Bool => "boolean",
        Type::Char | Type::String => "string",
        Type::Id(id) => {
            let found = &resolve.types[*id];
            return found.name.as_ref().map_or_else(|| kind(resolve, found), |name| pascal(name));
        }
        Type::ErrorContext => "unknown",
        _ => "number",
    };
    name.to_owned()
}

/// A type without a name of its own, or what a name stands for.
fn kind(resolve: &Resolve, found: &TypeDef) -> String {
    let or_void = |one: &Option<Type>| {
        one.map(|one| format!(", val: {}", ty(resolve, &one))).unwrap_or_default()
    };
    match &found.kind {
        // A name of another interface.
        TypeDefKind::Type(Type::Id(id)) => {
            let other = &resolve.types[*id];
            let TypeOwner::Interface(owner) = other.owner else {
                return ty(resolve, &Type::Id(*id));
            };
            let here = found.owner == other.owner;
            match (resolve.id_of(owner), &other.name) {
                (Some(module), Some(name)) if !here => {
                    format!("import('{module}').{}", pascal(name))
                }
                _ => ty(resolve, &Type::Id(*id)),
            }
        }
        TypeDefKind::Type(one) => ty(resolve, one),
        TypeDefKind::Enum(all) => {
            let cases: Vec<_> = all.cases.iter().map(|case| format!("'{}'", case.name)).collect();
            cases.join(" | ")
        }
        TypeDefKind::Flags(all) => {
            let flags = all.flags.iter().map(|flag| format!("{}: boolean", camel(&flag.name)));
            format!("{{ {} }}", flags.collect::<Vec<_>>().join("; "))
        }
        TypeDefKind::Tuple(tuple) => {
            let types: Vec<_> = tuple.types.iter().map(|one| ty(resolve, one)).collect();
            format!("[{}]", types.join(", "))
        }
        TypeDefKind::List(Type::U8) => "Uint8Array".to_owned(),
        TypeDefKind::List(one) => {
            let one = ty(resolve, one);
            if one.contains('|') { format!("({one})[]") } else { format!("{one}[]") }
        }
        TypeDefKind::Option(one) => format!("{} | null", ty(resolve, one)),
        TypeDefKind::Result(both) => {
            let (ok, err) = (or_void(&both.ok), or_void(&both.err));
            format!("{{ tag: 'ok'{ok} }} | {{ tag: 'err'{err} }}")
        }
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => ty(resolve, &Type::Id(*id)),
        _ => "unknown".to_owned(),
    }
}

fn docs(text: &mut String, docs: &Docs, indent: &str) {
    let Some(said) = &docs.contents else { return };
    let lines: Vec<_> = said.trim().lines().collect();
    if let [line] = lines[..] {
        let _ = writeln!(text, "{indent}/** {line} */");
        return;
    }
    let _ = writeln!(text, "{indent}/**");
    for line in lines {
        let line = format!("{indent} * {line}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = writeln!(text, "{indent} */");
}

fn pascal(name: &str) -> String {
    name.split('-').map(capital).collect()
}

fn camel(name: &str) -> String {
    let mut parts = name.split('-');
    parts.next().unwrap_or_default().to_owned() + &parts.map(capital).collect::<String>()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
