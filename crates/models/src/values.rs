//! What the names of a project's files stand for, followed from file to file.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use diagnostics::{FileId, Place, SourceFile, Span};
use python::{Call, Expr, Function};

use crate::attributes::Attribute;
use crate::classes::Facts;
use crate::collect::{Binding, BindingKind, ClassNode, Collected, MODULE, Scope, collect};
use crate::declared::{BaseKind, MetaDataKey};
use crate::library::{Symbol, symbol};
use crate::{ImportedModule, ModelFile};

/// How far a value is followed; beyond, it is unknown.
const DEEPEST: u32 = 100;

/// How many conditional bindings of a name are compared.
const MOST_CANDIDATES: usize = 8;

/// All files, and what was found out about them so far.
pub(crate) struct Project<'a> {
    pub(crate) files: Vec<FileNames<'a>>,
    by_id: BTreeMap<FileId, usize>,
    resolve: &'a dyn Fn(FileId, ImportedModule<'_>) -> Option<FileId>,
    depth: Cell<u32>,
    /// Calls of the project's functions that may still be followed for one value.
    pub(crate) calls_left: Cell<u32>,
}

/// One file.
pub(crate) struct FileNames<'a> {
    pub(crate) id: FileId,
    pub(crate) source: &'a SourceFile,
    pub(crate) tree: &'a python::Module,
    pub(crate) collected: Collected<'a>,
    pub(crate) is_test: bool,
    is_package: bool,
    /// What was found out about each class.
    pub(crate) classes: Vec<ClassMemo<'a>>,
}

/// What was found out about a class so far.
#[derive(Default)]
pub(crate) struct ClassMemo<'a> {
    pub(crate) facts: OnceCell<Rc<Facts<'a>>>,
    /// Whether its facts are being looked for.
    pub(crate) is_open: Cell<bool>,
    pub(crate) attributes: OnceCell<Rc<[Attribute<'a>]>>,
}

/// A class of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassId {
    pub(crate) file: usize,
    pub(crate) index: usize,
}

/// What an expression stands for.
#[derive(Clone)]
pub(crate) enum Value<'a> {
    None,
    Bool(bool),
    Text(Rc<str>),
    /// A tuple, list, dict or sum, as written.
    Display(Context<'a>, &'a Expr),
    /// A module of the project, by index.
    Module(usize),
    /// A module, or what it has, from outside the project; the file that imports it.
    Outside(Rc<str>, usize),
    Class(ClassId),
    Function(usize, &'a Function),
    Base(Rc<Base<'a>>),
    MetaData(Rc<MetaData>),
    Registry(Rc<Registry>),
    Flask(Rc<Base<'a>>),
    /// A method of a registry by which classes become mapped.
    Method(Rc<Registry>, &'static str),
    /// What a call of a symbol gives: a column, a relationship …
    Instance(Symbol, Context<'a>, &'a Call),
    /// What only a run would tell: the expression, and an attribute path from its value.
    Unknown(Place, Rc<str>),
}

/// A base that a call makes.
pub(crate) struct Base<'a> {
    pub(crate) kind: BaseKind,
    pub(crate) origin: Place,
    pub(crate) metadata: Rc<MetaData>,
    /// The class that `cls=`, `model_class=` or a decorator gives.
    pub(crate) class: Option<Value<'a>>,
    /// Whether it has a metaclass that may do anything.
    pub(crate) has_own_metaclass: bool,
    /// Whether `Flask-SQLAlchemy` generates names of tables.
    pub(crate) generates_names: bool,
}

/// A registry and its collection of tables.
pub(crate) struct Registry {
    pub(crate) origin: Place,
    pub(crate) metadata: Rc<MetaData>,
}

/// A collection of tables.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::option_option, reason = "no schema is not the same as one that is not known")]
pub(crate) struct MetaData {
    pub(crate) key: MetaDataKey,
    /// The schema of tables that name none, where the text settles it.
    pub(crate) schema: Option<Option<Rc<str>>>,
}

/// Where an expression is evaluated.
#[derive(Clone)]
pub(crate) struct Context<'a> {
    pub(crate) file: usize,
    pub(crate) scope: usize,
    /// What is bound before this byte holds.
    pub(crate) at: u32,
    /// Within a function, its names.
    pub(crate) locals: Option<Rc<BTreeMap<&'a str, Value<'a>>>>,
    /// Within a function, the call that things made there are told apart by.
    pub(crate) origin: Option<Place>,
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Module(left), Self::Module(right)) => left == right,
            (Self::Outside(left, _), Self::Outside(right, _)) => {
                left == right || symbol(left).is_some() && symbol(left) == symbol(right)
            }
            (Self::Class(left), Self::Class(right)) => left == right,
            (Self::Function(_, left), Self::Function(_, right)) => std::ptr::eq(*left, *right),
            (Self::Base(left), Self::Base(right)) | (Self::Flask(left), Self::Flask(right)) => {
                left.kind == right.kind && left.origin == right.origin
            }
            (Self::MetaData(left), Self::MetaData(right)) => left == right,
            (Self::Registry(left), Self::Registry(right)) => left.origin == right.origin,
            (Self::Unknown(left, path), Self::Unknown(right, other)) => {
                left == right && path == other
            }
            _ => false,
        }
    }
}

impl Value<'_> {
    /// The name of a library that it is.
    pub(crate) fn symbol(&self) -> Option<Symbol> {
        match self {
            Self::Outside(dotted, _) => symbol(dotted),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn unknown(place: Place) -> Self {
        Self::Unknown(place, Rc::from(""))
    }
}

impl Context<'_> {
    /// Within `scope`, before the byte `at`.
    pub(crate) const fn new(file: usize, scope: usize, at: u32) -> Self {
        Self { file, scope, at, locals: None, origin: None }
    }

    /// After the whole of a file.
    pub(crate) const fn end_of(file: usize) -> Self {
        Self::new(file, MODULE, u32::MAX)
    }
}

impl<'a> Project<'a> {
    pub(crate) fn new(
        files: &[ModelFile<'a>],
        resolve: &'a dyn Fn(FileId, ImportedModule<'_>) -> Option<FileId>,
    ) -> Self {
        let by_id = files.iter().enumerate().map(|(index, file)| (file.file, index)).collect();
        let root = common_folder(files);
        let files = files.iter().map(|file| FileNames::new(file, &root)).collect();
        Self { files, by_id, resolve, depth: Cell::new(0), calls_left: Cell::new(0) }
    }

    pub(crate) fn class(&self, id: ClassId) -> &ClassNode<'a> {
        &self.files[id.file].collected.classes[id.index]
    }

    /// The names that the body of a class binds.
    pub(crate) fn scope(&self, id: ClassId) -> &Scope<'a> {
        &self.files[id.file].collected.scopes[self.class(id).scope]
    }

    /// After the whole body of a class.
    pub(crate) fn body_of(&self, id: ClassId) -> Context<'a> {
        Context::new(id.file, self.class(id).scope, u32::MAX)
    }

    pub(crate) fn place(&self, file: usize, span: Span) -> Place {
        Place::new(self.files[file].id, span)
    }

    /// Runs `follow` one level deeper, or gives `None` where that is too deep.
    pub(crate) fn deeper<T>(&self, follow: impl FnOnce() -> T) -> Option<T> {
        let depth = self.depth.get();
        if depth >= DEEPEST {
            return None;
        }
        self.depth.set(depth + 1);
        let result = follow();
        self.depth.set(depth);
        Some(result)
    }

    /// What `name` stands for in `context`.
    pub(crate) fn name(&self, context: &Context<'a>, name: &str, span: Span) -> Value<'a> {
        if let Some(value) = context.locals.as_ref().and_then(|locals| locals.get(name)) {
            return value.clone();
        }
        if context.scope != MODULE
            && let Some(value) = self.bound(context.file, context.scope, context.at, name)
        {
            return value;
        }
        if let Some(value) = self.global(context.file, context.at, name) {
            return value;
        }
        match self.files[context.file].collected.stars.last() {
            Some(star) if star.level == 0 => {
                Value::Outside(format!("{}.{name}", star.module).into(), context.file)
            }
            Some(_) => Value::unknown(self.place(context.file, span)),
            None => Value::Outside(format!("builtins.{name}").into(), context.file),
        }
    }

    /// What a file binds to `name` at its top level, before byte `at`.
    pub(crate) fn global(&self, file: usize, at: u32, name: &str) -> Option<Value<'a>> {
        let collected = &self.files[file].collected;
        if collected.globals.contains(name) {
            return Some(Value::Unknown(Place::start_of(self.files[file].id), name.into()));
        }
        if let Some(value) = self.bound(file, MODULE, at, name) {
            return Some(value);
        }
        if name.starts_with('_') {
            return None;
        }
        let before = collected.stars.partition_point(|star| star.at <= at);
        collected.stars[..before].iter().rev().find_map(|star| {
            if let Some(other) = self.module(file, star.level, star.module) {
                return self.deeper(|| self.global(other, u32::MAX, name)).flatten();
            }
            let dotted = format!("{}.{name}", star.module);
            symbol(&dotted).map(|_| Value::Outside(dotted.into(), file))
        })
    }

    /// The index of the file that `module` is, as imported in `file`.
    fn module(&self, file: usize, level: u32, name: &str) -> Option<usize> {
        let found = (self.resolve)(self.files[file].id, ImportedModule { level, name })?;
        self.by_id.get(&found).copied()
    }

    /// The value that the bindings in one scope leave, where there are any before `at`.
    fn bound(&self, file: usize, scope: usize, at: u32, name: &str) -> Option<Value<'a>> {
        let bindings = self.files[file].collected.scopes[scope].bindings(name);
        let bindings = &bindings[..bindings.partition_point(|binding| binding.at <= at)];
        let last = bindings.last()?;
        if last.is_sure {
            return Some(self.value_of(file, scope, last));
        }
        let mut found: Option<Value<'a>> = None;
        for (count, binding) in bindings.iter().rev().enumerate() {
            let value = self.value_of(file, scope, binding);
            let differs = found.as_ref().is_some_and(|found| *found != value);
            // `except ImportError: Base = None` says nothing.
            if !matches!(value, Value::None) {
                if differs || count == MOST_CANDIDATES {
                    let place = self.place(file, Span::point(last.at));
                    return Some(Value::Unknown(place, name.into()));
                }
                found = Some(value);
            }
            if binding.is_sure {
                break;
            }
        }
        found.or(Some(Value::None))
    }

    fn value_of(&self, file: usize, scope: usize, binding: &Binding<'a>) -> Value<'a> {
        if let Some(value) = binding.value.get() {
            return value.clone();
        }
        let unknown = || {
            let span = match binding.kind {
                BindingKind::Value(expr) => expr.span,
                BindingKind::Member { span, .. } | BindingKind::Unknown(span) => span,
                _ => Span::point(binding.at),
            };
            Value::unknown(self.place(file, span))
        };
        if binding.is_open.replace(true) {
            return unknown();
        }
        let value = self.deeper(|| self.followed(file, scope, binding)).unwrap_or_else(unknown);
        binding.is_open.set(false);
        // Already set only where following it came back here.
        let _ = binding.value.set(value.clone());
        value
    }

    fn followed(&self, file: usize, scope: usize, binding: &Binding<'a>) -> Value<'a> {
        match binding.kind {
            BindingKind::Module(name) => match self.module(file, 0, name) {
                Some(module) => Value::Module(module),
                None => Value::Outside(name.into(), file),
            },
            BindingKind::Member { level, module, name, span } => {
                self.imported(file, level, module, name, span)
            }
            BindingKind::Value(expr) => {
                self.evaluate(&Context::new(file, scope, expr.span.start), expr)
            }
            BindingKind::Class(index) => Value::Class(ClassId { file, index }),
            BindingKind::Function(function) => Value::Function(file, function),
            BindingKind::Unknown(span) => Value::unknown(self.place(file, span)),
        }
    }

    /// What `from module import name` gives.
    pub(crate) fn imported(
        &self,
        file: usize,
        level: u32,
        module: &'a str,
        name: &'a str,
        span: Span,
    ) -> Value<'a> {
        let dotted = if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") };
        if level == 0 && symbol(&dotted).is_some() {
            return Value::Outside(dotted.into(), file);
        }
        let package = self.module(file, level, module);
        if let Some(package) = package
            && package != file
            && let Some(value) = self.global(package, u32::MAX, name)
        {
            return value;
        }
        if let Some(found) = self.module(file, level, &dotted) {
            return Value::Module(found);
        }
        match package {
            Some(package) => Value::Unknown(Place::start_of(self.files[package].id), name.into()),
            None if level == 0 => Value::Outside(dotted.into(), file),
            None => Value::unknown(self.place(file, span)),
        }
    }

    /// What attribute `name` of a module of the project is.
    pub(crate) fn member(&self, module: usize, name: &str) -> Option<Value<'a>> {
        self.global(module, u32::MAX, name).or_else(|| {
            let is_package = self.files[module].is_package;
            let found = is_package.then(|| self.module(module, 1, name)).flatten()?;
            Some(Value::Module(found))
        })
    }

    /// What attribute `name` of something from outside the project is; a folder without
    /// `__init__.py` counts as outside until a file in it is named.
    pub(crate) fn outside_member(&self, dotted: &str, file: usize, name: &str) -> Value<'a> {
        let dotted = format!("{dotted}.{name}");
        let is_library = ["sqlalchemy.", "sqlmodel.", "flask_sqlalchemy.", "typing."]
            .iter()
            .any(|package| dotted.starts_with(package));
        if !is_library && let Some(found) = self.module(file, 0, &dotted) {
            return Value::Module(found);
        }
        Value::Outside(dotted.into(), file)
    }
}

impl<'a> FileNames<'a> {
    fn new(file: &ModelFile<'a>, root: &Path) -> Self {
        let collected = collect(file.tree);
        let classes = collected.classes.iter().map(|_| ClassMemo::default()).collect();
        let path = file.source.path();
        Self {
            id: file.file,
            source: file.source,
            tree: file.tree,
            collected,
            is_test: is_test(path.strip_prefix(root).unwrap_or(path)),
            is_package: path.file_stem().is_some_and(|stem| stem == "__init__"),
            classes,
        }
    }
}

/// The folder that all files share: its own name says nothing about them.
fn common_folder(files: &[ModelFile<'_>]) -> PathBuf {
    let mut folders = files.iter().map(|file| file.source.path().parent().unwrap_or(Path::new("")));
    let Some(first) = folders.next() else { return PathBuf::new() };
    let mut common: Vec<Component<'_>> = first.components().collect();
    for folder in folders {
        let same = common.iter().zip(folder.components()).take_while(|(a, b)| *a == b).count();
        common.truncate(same);
    }
    common.into_iter().collect()
}

/// Whether a file is run by a test runner, perhaps never together with the rest.
fn is_test(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let in_tests = path.components().any(|component| match component {
        Component::Normal(name) => name == "tests" || name == "test",
        _ => false,
    });
    in_tests || stem.starts_with("test_") || stem.ends_with("_test") || stem == "conftest"
}
