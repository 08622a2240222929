//! What an expression of a model file stands for.

use std::collections::BTreeMap;
use std::rc::Rc;

use diagnostics::{Place, Span};
use python::{Call, Expr, ExprKind, FStringPart, Function, Operator, StmtKind};

use crate::collect::MODULE;
use crate::declared::{BaseKind, MetaDataKey};
use crate::library::{Symbol, symbol};
use crate::values::{Base, ClassId, Context, MetaData, Project, Registry, Value};

/// A longer text names no table.
const LONGEST_TEXT: usize = 4096;

/// How many calls of the project's functions are followed for one value.
const MOST_CALLS: u32 = 64;

impl<'a> Project<'a> {
    /// What `expr` stands for in `context`.
    pub(crate) fn evaluate(&self, context: &Context<'a>, expr: &'a Expr) -> Value<'a> {
        self.deeper(|| self.value(context, expr))
            .unwrap_or_else(|| Value::unknown(self.place(context.file, expr.span)))
    }

    fn value(&self, context: &Context<'a>, expr: &'a Expr) -> Value<'a> {
        let unknown = || Value::unknown(self.place(context.file, expr.span));
        match &expr.kind {
            ExprKind::None => Value::None,
            ExprKind::Bool(value) => Value::Bool(*value),
            ExprKind::Str(text) => Value::Text((**text).into()),
            ExprKind::Name(name) => self.name(context, name, expr.span),
            ExprKind::Attribute(attribute) => {
                let of = self.evaluate(context, &attribute.value);
                self.attribute(&of, &attribute.name).unwrap_or_else(unknown)
            }
            ExprKind::Call(call) => self.call(context, expr, call),
            ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Dict(_) => {
                Value::Display(context.clone(), expr)
            }
            ExprKind::FString(parts) => {
                self.f_string(context, parts).map_or_else(unknown, Value::Text)
            }
            ExprKind::Binary(binary) if binary.operator == Operator::Add => {
                let left = self.evaluate(context, &binary.left);
                match (&left, left.text()) {
                    (_, Some(left)) => {
                        let right = self.evaluate(context, &binary.right);
                        right.text().and_then(|right| text(&[left, right])).unwrap_or_else(unknown)
                    }
                    (Value::Display(..) | Value::Unknown(..), _) => {
                        Value::Display(context.clone(), expr)
                    }
                    _ => unknown(),
                }
            }
            ExprKind::Binary(binary) if binary.operator == Operator::Modulo => {
                let format = self.evaluate(context, &binary.left);
                let value = self.evaluate(context, &binary.right);
                match (format.text(), value.text()) {
                    (Some(format), Some(value)) if format.matches('%').count() == 1 => format
                        .split_once("%s")
                        .and_then(|(before, after)| text(&[before, value, after]))
                        .unwrap_or_else(unknown),
                    _ => unknown(),
                }
            }
            _ => unknown(),
        }
    }

    /// What a base class expression stands for: `Base[T]` is `Base`.
    pub(crate) fn evaluate_base(&self, context: &Context<'a>, expr: &'a Expr) -> Value<'a> {
        match &expr.kind {
            ExprKind::Subscript(subscript) => self.evaluate(context, &subscript.value),
            _ => self.evaluate(context, expr),
        }
    }

    fn f_string(&self, context: &Context<'a>, parts: &'a [FStringPart]) -> Option<Rc<str>> {
        let mut pieces = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                FStringPart::Text(piece) => pieces.push(Rc::from(&**piece)),
                FStringPart::Field(field)
                    if field.conversion.is_none() && field.spec.is_empty() =>
                {
                    match self.evaluate(context, &field.value) {
                        Value::Text(piece) => pieces.push(piece),
                        _ => return None,
                    }
                }
                FStringPart::Field(_) => return None,
            }
        }
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        (length <= LONGEST_TEXT).then(|| pieces.concat().into())
    }

    /// What attribute `name` of a value is, or `None` where only a run would tell.
    pub(crate) fn attribute(&self, of: &Value<'a>, name: &str) -> Option<Value<'a>> {
        Some(match of {
            Value::Module(module) => self.member(*module, name)?,
            Value::Outside(dotted, file) => self.outside_member(dotted, *file, name),
            Value::Class(class) => return self.class_attribute(*class, name),
            Value::Registry(registry) => match name {
                "metadata" => Value::MetaData(Rc::clone(&registry.metadata)),
                "mapped" | "mapped_as_dataclass" => Value::Method(Rc::clone(registry), "mapped"),
                "generate_base" => Value::Method(Rc::clone(registry), "generate_base"),
                "as_declarative_base" => Value::Method(Rc::clone(registry), "as_declarative_base"),
                _ => return None,
            },
            Value::Base(base) => match name {
                "metadata" => Value::MetaData(Rc::clone(&base.metadata)),
                "registry" => registry_of(base.origin, &base.metadata),
                _ => return None,
            },
            Value::Flask(flask) => match name {
                "Model" => Value::Base(Rc::clone(flask)),
                "metadata" => Value::MetaData(Rc::clone(&flask.metadata)),
                _ => Value::Outside(format!("sqlalchemy.{name}").into(), 0),
            },
            Value::Unknown(place, path) if path.len() < LONGEST_TEXT => {
                Value::Unknown(*place, format!("{path}.{name}").into())
            }
            _ => return None,
        })
    }

    fn class_attribute(&self, class: ClassId, name: &str) -> Option<Value<'a>> {
        match name {
            "__name__" | "__qualname__" => {
                return Some(Value::Text(self.class(class).node.name.as_str().into()));
            }
            "metadata" => {
                if let Some(metadata) = self.metadata_of(class) {
                    return Some(Value::MetaData(metadata));
                }
            }
            "registry" => {
                let metadata = self.metadata_of(class)?;
                let origin = self.place(class.file, self.class(class).node.name_span);
                return Some(registry_of(origin, &metadata));
            }
            _ => {}
        }
        for ancestor in std::iter::once(class).chain(self.facts(class).classes()) {
            let context = self.body_of(ancestor);
            if !self.scope(ancestor).bindings(name).is_empty() {
                return Some(self.name(&context, name, Span::default()));
            }
        }
        None
    }

    fn call(&self, context: &Context<'a>, expr: &'a Expr, call: &'a Call) -> Value<'a> {
        let here = self.place(context.file, expr.span);
        if let ExprKind::Attribute(attribute) = &call.callee.kind
            && let Value::Text(text) = self.evaluate(context, &attribute.value)
        {
            return self.text_method(context, &text, &attribute.name, call, here);
        }
        let callee = self.evaluate(context, &call.callee);
        if let Value::Outside(name, _) = &callee
            && let Some(builtin) = name.strip_prefix("builtins.")
        {
            return match (builtin, &*call.arguments) {
                ("dict", []) => Value::Display(context.clone(), expr),
                ("str", [argument]) => match self.evaluate(context, argument) {
                    Value::Text(text) => Value::Text(text),
                    _ => Value::unknown(here),
                },
                _ => Value::unknown(here),
            };
        }
        if let Some(symbol) = callee.symbol() {
            return self.made(context, symbol, call, here);
        }
        match callee {
            Value::Method(registry, "generate_base") => {
                let origin = context.origin.unwrap_or(here);
                let metadata = Rc::clone(&registry.metadata);
                self.base(context, call, BaseKind::Generated, origin, metadata)
            }
            Value::Function(file, function) => {
                self.function_call(context, file, function, call, here)
            }
            Value::Class(class) => match self.facts(class).library() {
                Some(
                    symbol @ (Symbol::Flask
                    | Symbol::Column
                    | Symbol::MappedColumn
                    | Symbol::MetaData
                    | Symbol::Registry),
                ) => self.made(context, symbol, call, here),
                _ => Value::unknown(here),
            },
            _ => Value::unknown(here),
        }
    }

    fn text_method(
        &self,
        context: &Context<'a>,
        receiver: &str,
        method: &str,
        call: &'a Call,
        here: Place,
    ) -> Value<'a> {
        let unknown = Value::unknown(here);
        if !call.keywords.is_empty() || call.arguments.len() > 2 {
            return unknown;
        }
        let arguments: Vec<Value<'a>> =
            call.arguments.iter().map(|argument| self.evaluate(context, argument)).collect();
        let texts: Option<Vec<&str>> = arguments.iter().map(Value::text).collect();
        let result = match (method, texts.as_deref()) {
            ("lower" | "casefold", Some([])) if receiver.is_ascii() => receiver.to_lowercase(),
            ("upper", Some([])) if receiver.is_ascii() => receiver.to_uppercase(),
            ("replace", Some([from, to])) => receiver.replace(from, to),
            ("format", Some([only])) if receiver.matches('{').count() == 1 => {
                receiver.replace("{}", only).replace("{0}", only)
            }
            ("removesuffix", Some([suffix])) => {
                receiver.strip_suffix(suffix).unwrap_or(receiver).to_owned()
            }
            ("removeprefix", Some([prefix])) => {
                receiver.strip_prefix(prefix).unwrap_or(receiver).to_owned()
            }
            _ => return unknown,
        };
        text(&[&result]).unwrap_or(unknown)
    }

    /// What a call of a library's class or function gives.
    fn made(
        &self,
        context: &Context<'a>,
        symbol: Symbol,
        call: &'a Call,
        here: Place,
    ) -> Value<'a> {
        let origin = context.origin.unwrap_or(here);
        match symbol {
            Symbol::MetaData => Value::MetaData(Rc::new(MetaData {
                key: MetaDataKey::Made(origin),
                schema: self.metadata_schema(context, call),
            })),
            Symbol::Registry => {
                let metadata = self.metadata_argument(context, call, origin);
                Value::Registry(Rc::new(Registry { origin, metadata }))
            }
            Symbol::DeclarativeBaseFunction => {
                let metadata = self.metadata_argument(context, call, origin);
                self.base(context, call, BaseKind::Function, origin, metadata)
            }
            Symbol::AutomapBase if call.arguments.is_empty() => {
                let metadata = self.metadata_argument(context, call, origin);
                self.base(context, call, BaseKind::Automap, origin, metadata)
            }
            Symbol::Flask => self.flask(context, call, origin),
            _ => Value::Instance(symbol, context.clone(), call),
        }
    }

    fn base(
        &self,
        context: &Context<'a>,
        call: &'a Call,
        kind: BaseKind,
        origin: Place,
        metadata: Rc<MetaData>,
    ) -> Value<'a> {
        let class = keyword(call, "cls").map(|class| self.evaluate(context, class));
        let metaclass = keyword(call, "metaclass").map(|class| self.evaluate(context, class));
        Value::Base(Rc::new(Base {
            kind,
            origin,
            metadata,
            class,
            has_own_metaclass: metaclass
                .is_some_and(|metaclass| metaclass.symbol() != Some(Symbol::DeclarativeMeta))
                || has_spread(call),
            generates_names: false,
        }))
    }

    /// `SQLAlchemy(…)` of `Flask-SQLAlchemy`, as `_make_declarative_base` of 3.1 has it.
    fn flask(&self, context: &Context<'a>, call: &'a Call, origin: Place) -> Value<'a> {
        let mut metadata = self.metadata_argument(context, call, origin);
        let mut generates_names = keyword(call, "disable_autonaming").is_none();
        let mut has_own_metaclass = has_spread(call);
        let class = keyword(call, "model_class").map(|class| self.evaluate(context, class));
        let class = match class {
            Some(Value::Class(id)) => {
                metadata = self.metadata_of(id).unwrap_or(metadata);
                class
            }
            Some(Value::Base(base)) => {
                metadata = Rc::clone(&base.metadata);
                generates_names = false;
                has_own_metaclass |= base.has_own_metaclass;
                base.class.clone()
            }
            Some(other) => {
                has_own_metaclass |= other.symbol() != Some(Symbol::Harmless);
                None
            }
            None => None,
        };
        Value::Flask(Rc::new(Base {
            kind: BaseKind::Flask,
            origin,
            metadata,
            class,
            has_own_metaclass,
            generates_names,
        }))
    }

    /// The `metadata=` of a call; without it, a new one made at `origin`.
    fn metadata_argument(
        &self,
        context: &Context<'a>,
        call: &'a Call,
        origin: Place,
    ) -> Rc<MetaData> {
        match keyword(call, "metadata") {
            Some(metadata) => {
                let value = self.evaluate(context, metadata);
                self.as_metadata(&value)
                    .unwrap_or_else(|| Rc::new(MetaData { key: unread(origin), schema: None }))
            }
            None if has_spread(call) => Rc::new(MetaData { key: unread(origin), schema: None }),
            None => Rc::new(MetaData { key: MetaDataKey::Made(origin), schema: Some(None) }),
        }
    }

    /// The collection of tables that a value is, if it may be one.
    #[allow(clippy::unused_self)]
    pub(crate) fn as_metadata(&self, value: &Value<'a>) -> Option<Rc<MetaData>> {
        let key = match value {
            Value::MetaData(metadata) => return Some(Rc::clone(metadata)),
            Value::Outside(dotted, _) => match dotted.strip_suffix(".metadata") {
                Some(base) if symbol(base) == Some(Symbol::SqlModel) => {
                    return Some(sqlmodel_metadata());
                }
                Some(base) => MetaDataKey::Outside(base.into()),
                None => MetaDataKey::Outside((**dotted).into()),
            },
            Value::Unknown(place, path) => {
                let path = path.strip_suffix(".metadata").unwrap_or(path);
                MetaDataKey::Unread(*place, path.into())
            }
            _ => return None,
        };
        Some(Rc::new(MetaData { key, schema: None }))
    }

    #[allow(clippy::option_option, reason = "no schema is not the same as one that is not known")]
    fn metadata_schema(&self, context: &Context<'a>, call: &'a Call) -> Option<Option<Rc<str>>> {
        let schema = match (keyword(call, "schema"), &*call.arguments) {
            (Some(schema), _) | (None, [schema, ..]) => schema,
            (None, []) if has_spread(call) => return None,
            (None, []) => return Some(None),
        };
        match self.evaluate(context, schema) {
            Value::Text(text) => Some(Some(text)),
            Value::None => Some(None),
            _ => None,
        }
    }

    /// The value that a function of the project returns, where it is a plain one: names bound,
    /// then one `return`.
    fn function_call(
        &self,
        context: &Context<'a>,
        file: usize,
        function: &'a Function,
        call: &'a Call,
        here: Place,
    ) -> Value<'a> {
        let unknown = Value::unknown(here);
        if context.locals.is_none() {
            self.calls_left.set(MOST_CALLS);
        }
        let left = self.calls_left.get();
        let is_plain = function.decorators.is_empty() && !function.is_async;
        let parameters = &function.parameters;
        let is_spread = has_spread(call)
            || call.arguments.iter().any(|a| matches!(a.kind, ExprKind::Starred(_)));
        if left == 0 || !is_plain || is_spread || call.arguments.len() > parameters.positional.len()
        {
            return unknown;
        }
        self.calls_left.set(left - 1);
        let mut locals = BTreeMap::new();
        let all = parameters.positional.iter().chain(&parameters.keyword_only);
        for (index, parameter) in all.enumerate() {
            let given = call
                .arguments
                .get(index)
                .filter(|_| index < parameters.positional.len())
                .or_else(|| keyword(call, &parameter.name));
            let value = match (given, &parameter.default) {
                (Some(given), _) => self.evaluate(context, given),
                (None, Some(default)) => self.evaluate(&Context::end_of(file), default),
                (None, None) => unknown.clone(),
            };
            locals.insert(parameter.name.as_str(), value);
        }
        let origin = context.origin.unwrap_or(here);
        self.returned(file, function, locals, Some(origin)).unwrap_or(unknown)
    }

    /// What a function with these names returns, where its body is plain.
    pub(crate) fn returned(
        &self,
        file: usize,
        function: &'a Function,
        mut locals: BTreeMap<&'a str, Value<'a>>,
        origin: Option<Place>,
    ) -> Option<Value<'a>> {
        let context = |locals: &BTreeMap<&'a str, Value<'a>>| Context {
            file,
            scope: MODULE,
            at: u32::MAX,
            locals: Some(Rc::new(locals.clone())),
            origin,
        };
        if function.body.len() > 16 {
            return None;
        }
        for statement in &function.body {
            match &statement.kind {
                StmtKind::Return(Some(value)) => {
                    return Some(self.evaluate(&context(&locals), value));
                }
                StmtKind::Assign(assign) => {
                    let [target] = &*assign.targets else { return None };
                    let ExprKind::Name(name) = &target.kind else { return None };
                    let value = self.evaluate(&context(&locals), &assign.value);
                    locals.insert(name.as_str(), value);
                }
                StmtKind::ImportFrom(import) => {
                    let module = import.module.as_deref().unwrap_or_default();
                    for alias in &import.names {
                        let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                        let value =
                            self.imported(file, import.level, module, &alias.name, alias.span);
                        locals.insert(bound.as_str(), value);
                    }
                }
                StmtKind::Expr(value) if matches!(value.kind, ExprKind::Str(_)) => {}
                _ => return None,
            }
        }
        None
    }
}

/// The value of keyword argument `name`.
pub(crate) fn keyword<'a>(call: &'a Call, name: &str) -> Option<&'a Expr> {
    let keyword = call.keywords.iter().find(|keyword| keyword.name.as_deref() == Some(name))?;
    Some(&keyword.value)
}

/// Whether a call passes `**values`.
pub(crate) fn has_spread(call: &Call) -> bool {
    call.keywords.iter().any(|keyword| keyword.name.is_none())
}

/// The collection of tables that every `SQLModel` shares.
pub(crate) fn sqlmodel_metadata() -> Rc<MetaData> {
    Rc::new(MetaData { key: MetaDataKey::SqlModel, schema: Some(None) })
}

fn unread(origin: Place) -> MetaDataKey {
    MetaDataKey::Unread(origin, "".into())
}

fn registry_of<'a>(origin: Place, metadata: &Rc<MetaData>) -> Value<'a> {
    Value::Registry(Rc::new(Registry { origin, metadata: Rc::clone(metadata) }))
}

fn text<'a>(pieces: &[&str]) -> Option<Value<'a>> {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    (length <= LONGEST_TEXT).then(|| Value::Text(pieces.concat().into()))
}
