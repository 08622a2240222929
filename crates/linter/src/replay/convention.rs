//! The naming convention of what env.py gives as `target_metadata`, as far as the text settles it.

mod syntax;

use std::sync::Mutex;

use diagnostics::FileId;
use project::{ImportSearch, TargetMetadata};
use python::interpret::Source;
use python::{Call, Constants, Expr, ExprKind, Known, Value};
use schema::replay::NamingConvention;

use super::library::Library;
use crate::LoadedChain;
use syntax::{
    Binding, Finder, assigned, bound, callee, extensions, given, keyword, owner, returned,
};

/// How far a name is followed from one module to the next.
const FARTHEST: u32 = 16;

/// The convention that Alembic hands to every operation of the chain; SQLAlchemy's own where there
/// surely is none.
pub(super) fn of_environment<'a>(
    chain: &'a LoadedChain,
    engine: Option<&str>,
    library: &Library<'a>,
    search: &Mutex<ImportSearch>,
) -> NamingConvention {
    let path = chain.environment.env_py.as_deref();
    let Some(env) = path.and_then(|path| library.source(path)) else {
        return NamingConvention::usual();
    };
    let models: Vec<FileId> =
        chain.module_files.iter().copied().filter(|file| *file != env.file).collect();
    let mut reader = Reader { library, search, met: vec![env.file] };
    let found = match project::target_metadata(env.tree) {
        TargetMetadata::Absent | TargetMetadata::None => return NamingConvention::usual(),
        TargetMetadata::Application => reader.of_application(&models),
        TargetMetadata::Given => {
            let mut given = given(env.tree);
            // `target_metadata.get(name)` of the `multidb` template.
            if let (Some(engine), Some(ExprKind::Dict(items))) =
                (engine, given.map(|given| &given.kind))
            {
                let is_it =
                    |key: &Expr| matches!(&key.kind, ExprKind::Str(key) if **key == *engine);
                let of_engine = items.iter().find(|item| item.key.as_ref().is_some_and(is_it));
                let Some(item) = of_engine else { return NamingConvention::usual() };
                given = Some(&item.value);
            }
            let found = given.and_then(|given| reader.of_metadata(given, env, FARTHEST));
            match given.map(|given| reader.set_later(given, env, &models)) {
                Some(Set::Never) | None => found,
                Some(Set::To(naming)) => return naming,
                Some(Set::Unclear) => None,
            }
        }
    };
    match found {
        Some(naming) if naming != NamingConvention::usual() || !reader.may_be_set() => naming,
        _ => NamingConvention::dynamic(),
    }
}

struct Reader<'r, 'a> {
    library: &'r Library<'a>,
    search: &'r Mutex<ImportSearch>,
    /// The files that were looked into.
    met: Vec<FileId>,
}

/// Whether `….naming_convention = …` is executed where a module is loaded.
enum Set {
    Never,
    To(NamingConvention),
    /// It is not told to what, or of which `MetaData`.
    Unclear,
}

/// What a name of a module stands for.
enum Meant<'a> {
    /// An expression of a module.
    Value(&'a Expr, Source<'a>),
    /// A class of a module.
    Class(&'a python::Class, Source<'a>),
    /// A module of the project.
    Module(Source<'a>),
    /// A function of a module.
    Function(&'a python::Function, Source<'a>),
    /// Something of a library: its module.
    Foreign(&'a str),
}

impl<'a> Reader<'_, 'a> {
    /// The convention of the `SQLAlchemy` extension that the models of a Flask application use.
    fn of_application(&mut self, models: &[FileId]) -> Option<NamingConvention> {
        let mut found: Option<NamingConvention> = None;
        for file in models {
            let Some(module) = self.library.parsed(*file) else { continue };
            for extension in extensions(module.tree) {
                let one = self.of_owner(extension, module, FARTHEST)?;
                if found.as_ref().is_some_and(|found| *found != one) {
                    return None;
                }
                found = Some(one);
            }
        }
        found
    }

    /// What is assigned to the `naming_convention` of the `MetaData` that env.py gives.
    fn set_later(&mut self, given: &'a Expr, env: Source<'a>, models: &[FileId]) -> Set {
        let mut files = self.met.clone();
        files.extend(models.iter().filter(|file| !self.met.contains(*file)));
        let mut set: Option<NamingConvention> = None;
        for file in files {
            let module = if file == env.file { Some(env) } else { self.library.parsed(file) };
            let Some(module) = module else { continue };
            for (metadata, value) in assigned(module.tree) {
                let is_own =
                    matches!(&metadata.kind, ExprKind::Name(name) if name == "target_metadata");
                if !(is_own && file == env.file) && owner(metadata) != owner(given) {
                    return Set::Unclear;
                }
                let Some(one) = self.of_items(value, module) else { return Set::Unclear };
                if set.as_ref().is_some_and(|set| *set != one) {
                    return Set::Unclear;
                }
                set = Some(one);
            }
        }
        set.map_or(Set::Never, Set::To)
    }

    /// The convention of a `MetaData` object; `None` where it cannot be told.
    fn of_metadata(
        &mut self,
        expr: &'a Expr,
        module: Source<'a>,
        left: u32,
    ) -> Option<NamingConvention> {
        let left = left.checked_sub(1)?;
        match &expr.kind {
            // Alembic asks a list for no convention.
            ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::None => {
                Some(NamingConvention::usual())
            }
            ExprKind::Attribute(attribute) if attribute.name == "metadata" => {
                self.of_owner(&attribute.value, module, left)
            }
            ExprKind::Call(call) if callee(call) == "MetaData" => self.of_call(call, module),
            ExprKind::Call(call) => match self.meant(&call.callee, module, left)? {
                Meant::Function(function, module) => {
                    self.of_metadata(returned(function)?, module, left)
                }
                _ => None,
            },
            ExprKind::Name(_) | ExprKind::Attribute(_) => match self.meant(expr, module, left)? {
                Meant::Value(value, module) => self.of_metadata(value, module, left),
                _ => None,
            },
            _ => None,
        }
    }

    /// The convention of what `owner.metadata` is: of a class, a registry, or Flask's extension.
    fn of_owner(
        &mut self,
        owner: &'a Expr,
        module: Source<'a>,
        left: u32,
    ) -> Option<NamingConvention> {
        let left = left.checked_sub(1)?;
        match &owner.kind {
            ExprKind::Call(call) => {
                let metadata = keyword(call, "metadata");
                match (callee(call), metadata) {
                    (
                        "declarative_base" | "registry" | "SQLAlchemy" | "automap_base",
                        Some(given),
                    ) => self.of_metadata(given, module, left),
                    ("SQLAlchemy", None) => match keyword(call, "model_class") {
                        Some(class) => self.of_owner(class, module, left),
                        None => Some(NamingConvention::usual()),
                    },
                    ("declarative_base", None) => match keyword(call, "cls") {
                        Some(class) => self.of_owner(class, module, left),
                        None => Some(NamingConvention::usual()),
                    },
                    ("registry", None) => Some(NamingConvention::usual()),
                    ("generate_base", None) => match &call.callee.kind {
                        ExprKind::Attribute(attribute) => {
                            self.of_owner(&attribute.value, module, left)
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            ExprKind::Name(name) if name == "object" => Some(NamingConvention::usual()),
            ExprKind::Name(_) | ExprKind::Attribute(_) => match self.meant(owner, module, left)? {
                Meant::Function(..) => None,
                Meant::Value(value, module) => self.of_owner(value, module, left),
                Meant::Class(class, module) => self.of_class(class, module, left),
                Meant::Module(module) => match self.named("metadata", module, left)? {
                    Meant::Value(value, module) => self.of_metadata(value, module, left),
                    _ => None,
                },
                Meant::Foreign(library) => {
                    let root = library.split('.').next().unwrap_or(library);
                    matches!(
                        root,
                        "sqlmodel" | "sqlalchemy" | "typing" | "typing_extensions" | "abc"
                    )
                    .then(NamingConvention::usual)
                }
            },
            _ => None,
        }
    }

    fn of_class(
        &mut self,
        class: &'a python::Class,
        module: Source<'a>,
        left: u32,
    ) -> Option<NamingConvention> {
        let left = left.checked_sub(1)?;
        if let Some(value) = bound(&class.body, "metadata") {
            return self.of_metadata(value, module, left);
        }
        if bound(&class.body, "registry").is_some() || !class.keywords.is_empty() {
            return None;
        }
        let mut found = Some(NamingConvention::usual());
        for base in &class.bases {
            let of_base = self.of_owner(base, module, left);
            if of_base.as_ref() != Some(&NamingConvention::usual()) {
                found = of_base;
                break;
            }
        }
        found
    }

    /// `MetaData(naming_convention=…)`
    fn of_call(&mut self, call: &'a Call, module: Source<'a>) -> Option<NamingConvention> {
        let Some(given) = keyword(call, "naming_convention") else {
            let is_whole = call.keywords.iter().all(|keyword| keyword.name.is_some());
            return is_whole.then(NamingConvention::usual);
        };
        self.of_items(given, module)
    }

    /// The convention that a dict is.
    fn of_items(&mut self, given: &'a Expr, module: Source<'a>) -> Option<NamingConvention> {
        let (given, module) = match &given.kind {
            ExprKind::Name(_) | ExprKind::Attribute(_) => {
                match self.meant(given, module, FARTHEST)? {
                    Meant::Value(value, module) => (value, module),
                    _ => return None,
                }
            }
            _ => (given, module),
        };
        let constants = Constants::of(module.tree, module.file);
        let mut pairs = Vec::new();
        for (key, value) in self.items(given, module)? {
            let key = constants.text(key)?;
            let format = match constants.evaluate(value) {
                Known::Literal(value) => match value.value {
                    Value::Str(text) => Some(text),
                    _ => None,
                },
                Known::Dynamic(_) => None,
            };
            pairs.push((key, format));
        }
        let pairs = pairs.iter().map(|(key, format)| (&**key, format.as_deref()));
        Some(NamingConvention::of_items(pairs))
    }

    /// The keys and values of a dict, also of `dict(…)` of pairs.
    fn items(&mut self, given: &'a Expr, module: Source<'a>) -> Option<Vec<(&'a Expr, &'a Expr)>> {
        match &given.kind {
            ExprKind::Dict(items) => {
                items.iter().map(|item| Some((item.key.as_ref()?, &item.value))).collect()
            }
            ExprKind::Call(call) if callee(call) == "dict" && call.keywords.is_empty() => {
                let [only] = &call.arguments[..] else { return None };
                let (ExprKind::Tuple(pairs) | ExprKind::List(pairs)) =
                    &self.value_of(only, module)?.kind
                else {
                    return None;
                };
                let pair = |pair: &'a Expr| match &pair.kind {
                    ExprKind::Tuple(pair) => match &pair[..] {
                        [key, value] => Some((key, value)),
                        _ => None,
                    },
                    _ => None,
                };
                pairs.iter().map(pair).collect()
            }
            _ => None,
        }
    }

    /// What a name of the same module is bound to, or the expression itself.
    fn value_of(&mut self, expr: &'a Expr, module: Source<'a>) -> Option<&'a Expr> {
        match &expr.kind {
            ExprKind::Name(_) => match self.meant(expr, module, FARTHEST)? {
                Meant::Value(value, found) if found.file == module.file => Some(value),
                _ => None,
            },
            _ => Some(expr),
        }
    }

    /// What a name or a dotted name stands for.
    fn meant(&mut self, expr: &'a Expr, module: Source<'a>, left: u32) -> Option<Meant<'a>> {
        match &expr.kind {
            ExprKind::Name(name) => self.named(name, module, left),
            ExprKind::Attribute(attribute) => match self.meant(&attribute.value, module, left)? {
                Meant::Module(module) => {
                    let found = self.named(&attribute.name, module, left);
                    if found.is_some() || !module.is_package {
                        return found;
                    }
                    let inner = self.library.module(self.search, &attribute.name, 1, module.file);
                    inner.map(Meant::Module)
                }
                Meant::Foreign(library) => Some(Meant::Foreign(library)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a name of a module stands for there.
    fn named(&mut self, name: &str, module: Source<'a>, left: u32) -> Option<Meant<'a>> {
        let left = left.checked_sub(1)?;
        if !self.met.contains(&module.file) {
            self.met.push(module.file);
        }
        let is_env = self.met.first() == Some(&module.file);
        match Finder::find(module.tree, name, is_env).pop() {
            Some(Binding::Value(value)) => Some(Meant::Value(value, module)),
            Some(Binding::Class(class)) => Some(Meant::Class(class, module)),
            Some(Binding::Function(function)) => Some(Meant::Function(function, module)),
            Some(Binding::Module(dotted)) => {
                let found = self.library.module(self.search, dotted, 0, module.file);
                Some(found.map_or(Meant::Foreign(dotted), Meant::Module))
            }
            Some(Binding::From(import, taken)) => {
                let of = import.module.as_deref().unwrap_or_default();
                let from = self.library.module(self.search, of, import.level, module.file);
                let found = from.and_then(|from| self.named(taken, from, left));
                if found.is_some() {
                    return found;
                }
                let dotted = if of.is_empty() { taken.to_owned() } else { format!("{of}.{taken}") };
                let inner = self.library.module(self.search, &dotted, import.level, module.file);
                match inner {
                    Some(inner) => Some(Meant::Module(inner)),
                    None if from.is_none() && import.level == 0 => Some(Meant::Foreign(of)),
                    None => None,
                }
            }
            None => None,
        }
    }

    /// Whether a convention may be set in some way that is not followed here.
    fn may_be_set(&self) -> bool {
        self.met.iter().any(|file| self.library.text(*file).contains("naming_convention"))
    }
}
