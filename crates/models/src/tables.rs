//! The table that a class or a call of `Table` declares.

use std::rc::Rc;

use diagnostics::Place;
use python::{Call, Expr, ExprKind, Known, Operator};

use crate::classes::{Ancestor, Facts, Found};
use crate::collect::{AttributeNode, AttributeValue, CallNode};
use crate::declared::{DeclaredTable, Role, TableKind};
use crate::evaluate::{has_spread, keyword};
use crate::library::Symbol;
use crate::naming;
use crate::values::{ClassId, Context, MetaData, Project, Value};

/// What is passed to a table beside its columns; `None` where only a run would tell.
#[derive(Clone)]
struct Options {
    schema: Option<Schema>,
    extend_existing: Option<bool>,
    keep_existing: Option<bool>,
    has_parts: Option<bool>,
    has_primary_key: bool,
}

#[derive(Clone)]
enum Schema {
    Unset,
    Blank,
    Named(Option<Rc<str>>),
}

impl Options {
    const NONE: Self = Self {
        schema: Some(Schema::Unset),
        extend_existing: Some(false),
        keep_existing: Some(false),
        has_parts: Some(false),
        has_primary_key: false,
    };
    const UNKNOWN: Self = Self {
        schema: None,
        extend_existing: None,
        keep_existing: None,
        has_parts: None,
        has_primary_key: false,
    };
}

impl<'a> Project<'a> {
    /// The table that a mapped class declares, or `None` where it shares that of its parent or
    /// takes one from elsewhere.
    pub(crate) fn table_of(&self, id: ClassId) -> Option<DeclaredTable> {
        let facts = self.facts(id);
        let node = self.class(id);
        if facts.role != Role::Mapped || self.lookup(id, &facts, "__table__").is_some() {
            return None;
        }
        let place = self.place(id.file, node.node.name_span);
        let has_parent = self.has_mapped_parent(&facts);
        let (name, name_place) = match self.table_name(id, &facts) {
            Named::No => return None,
            Named::Text(name, place) => (Known::Literal((*name).into()), place),
            Named::Dynamic(place) => (Known::Dynamic(place), place),
        };
        let options = self.table_options(id, &facts);
        if has_parent
            && facts.flask().is_some()
            && !options.has_primary_key
            && !self.has_primary_key(id, &facts)
        {
            return None;
        }
        let kind = match (has_parent, self.is_concrete(id)) {
            (false, _) => TableKind::Declarative,
            (true, false) => TableKind::Joined,
            (true, true) => TableKind::Concrete,
        };
        let has_columns = self.has_columns(id, &facts);
        let metadata = self.metadata_of(id);
        let (schema, schema_of_metadata) = schema(&options, metadata.as_deref(), place);
        Some(DeclaredTable {
            name,
            schema,
            schema_of_metadata,
            metadata: known(metadata.map(|metadata| metadata.key.clone()), place),
            name_place,
            place,
            class: Some(node.node.name.as_str().into()),
            kind,
            extend_existing: known(options.extend_existing, place),
            keep_existing: known(options.keep_existing, place),
            has_parts: known(if has_columns { Some(true) } else { options.has_parts }, place),
            is_sure: node.is_sure,
            is_test: self.files[id.file].is_test,
        })
    }

    /// The table that a call declares, where it is one of `Table`.
    pub(crate) fn table_called(&self, file: usize, node: &CallNode<'a>) -> Option<DeclaredTable> {
        let ExprKind::Call(call) = &node.expr.kind else { return None };
        let context = Context::new(file, node.scope, node.at);
        let flask = match &call.callee.kind {
            ExprKind::Attribute(attribute) => match self.evaluate(&context, &attribute.value) {
                Value::Flask(flask) => Some(flask),
                _ => None,
            },
            _ => None,
        };
        if self.evaluate(&context, &call.callee).symbol() != Some(Symbol::Table) {
            return None;
        }
        let place = self.place(file, node.expr.span);
        let mut arguments = call.arguments.iter();
        let name = keyword(call, "name").or_else(|| arguments.next())?;
        let second = keyword(call, "metadata").or_else(|| arguments.as_slice().first());
        let given = second.and_then(|second| self.as_metadata(&self.evaluate(&context, second)));
        let given = given.filter(|given| flask.is_none() || given.schema.is_some());
        let takes_second = given.is_some() || flask.is_none();
        let metadata = match (given, &flask) {
            (Some(given), _) => Some(given),
            (None, Some(flask)) => match keyword(call, "bind_key") {
                None => Some(Rc::clone(&flask.metadata)),
                Some(key) => match self.evaluate(&context, key) {
                    Value::Text(key) => Some(self.bind(flask.origin, &key)),
                    Value::None => Some(Rc::clone(&flask.metadata)),
                    _ => None,
                },
            },
            (None, None) => None,
        };
        if takes_second && keyword(call, "metadata").is_none() {
            arguments.next();
        }
        let mut options = self.keywords(&context, call);
        options.has_parts = match arguments.as_slice() {
            [] => Some(false),
            parts if parts.iter().all(|part| matches!(part.kind, ExprKind::Starred(_))) => None,
            _ => Some(true),
        };
        let (schema, schema_of_metadata) = schema(&options, metadata.as_deref(), place);
        let name_place = self.place(file, name.span);
        Some(DeclaredTable {
            name: match self.evaluate(&context, name) {
                Value::Text(name) => Known::Literal((*name).into()),
                _ => Known::Dynamic(name_place),
            },
            schema,
            schema_of_metadata,
            metadata: known(metadata.map(|metadata| metadata.key.clone()), place),
            name_place,
            place,
            class: None,
            kind: TableKind::Table,
            extend_existing: known(options.extend_existing, place),
            keep_existing: known(options.keep_existing, place),
            has_parts: known(options.has_parts, place),
            is_sure: node.is_sure,
            is_test: self.files[file].is_test,
        })
    }

    fn has_mapped_parent(&self, facts: &Facts<'a>) -> bool {
        facts.classes().any(|class| self.facts(class).role == Role::Mapped)
    }

    /// The first attribute `name` that Python finds, and the class that has it.
    fn lookup(
        &self,
        id: ClassId,
        facts: &Facts<'a>,
        name: &str,
    ) -> Option<(ClassId, &AttributeNode<'a>)> {
        std::iter::once(id).chain(facts.classes()).find_map(|class| {
            let attribute = self.scope(class).attribute(name)?;
            // `__table__: Table` and the like promise an attribute and bind none; the `__table__`
            // of a mapped parent is the parent's.
            let is_parents = name == "__table__" && class != id;
            let is_bound = !matches!(attribute.value, AttributeValue::Missing);
            (is_bound && !is_parents).then_some((class, attribute))
        })
    }

    /// Where `SQLAlchemy` takes a directive such as `__tablename__` of a class from: its own, that
    /// of a class that is not mapped, or a `declared_attr` of any.
    fn directive(&self, id: ClassId, facts: &Facts<'a>, name: &str) -> Directive<'a> {
        let has_own = self.scope(id).attribute(name).is_some();
        if facts.is_customized && !has_own || !facts.is_ordered {
            return Directive::Unknown;
        }
        let base = match &facts.base {
            Some(Found::Unread(base)) => Some(base),
            _ => None,
        };
        let own = Ancestor::Class(id);
        for ancestor in std::iter::once(&own).chain(&facts.ancestors) {
            let class = match ancestor {
                Ancestor::Class(class) => *class,
                Ancestor::Unread(value) if Some(value) != base => return Directive::Unknown,
                _ => continue,
            };
            let Some(attribute) = self.scope(class).attribute(name) else { continue };
            let is_function = matches!(attribute.value, AttributeValue::Function(_));
            let is_mapped = class != id && self.facts(class).role == Role::Mapped;
            if matches!(attribute.value, AttributeValue::Missing) || is_mapped && !is_function {
                continue;
            }
            let Some((owner, found)) = self.lookup(id, facts, name) else { continue };
            let value = self.directive_value(id, owner, found);
            if !matches!(value, Some(Value::None)) {
                let place = match found.value {
                    AttributeValue::Expr(value) => self.place(owner.file, value.span),
                    _ => self.place(owner.file, found.span),
                };
                return value.map_or(Directive::Unknown, |value| Directive::Value(value, place));
            }
        }
        Directive::No
    }

    fn directive_value(
        &self,
        id: ClassId,
        owner: ClassId,
        attribute: &AttributeNode<'a>,
    ) -> Option<Value<'a>> {
        if !attribute.is_sure && self.class(owner).is_sure {
            return None;
        }
        match attribute.value {
            AttributeValue::Expr(value) => {
                Some(self.evaluate(&self.context_at(owner, attribute), value))
            }
            AttributeValue::Function(function) if self.is_declared_attr(owner, function) => {
                self.for_class(id, owner, function)
            }
            _ => None,
        }
    }

    fn table_name(&self, id: ClassId, facts: &Facts<'a>) -> Named {
        let class = self.class(id).node;
        let place = self.place(id.file, class.name_span);
        if let Some(flask) = facts.flask()
            && flask.generates_names
            && !facts.is_customized
            && self.flask_generates(id, facts)
        {
            return Named::Text(naming::flask(&class.name).into(), place);
        }
        match self.directive(id, facts, "__tablename__") {
            Directive::Value(Value::Text(name), place) => Named::Text(name, place),
            Directive::Value(Value::Unknown(..), place) => Named::Dynamic(place),
            Directive::Unknown if self.has_mapped_parent(facts) => Named::No,
            Directive::Value(..) | Directive::Unknown => Named::Dynamic(place),
            Directive::No if facts.is_sqlmodel() => {
                Named::Text(naming::sqlmodel(&class.name).into(), place)
            }
            Directive::No => Named::No,
        }
    }

    /// `should_set_tablename` of `Flask-SQLAlchemy` 3.1.
    fn flask_generates(&self, id: ClassId, facts: &Facts<'a>) -> bool {
        for class in std::iter::once(id).chain(facts.classes()) {
            let attribute = self
                .scope(class)
                .attribute("__tablename__")
                .filter(|attribute| !matches!(attribute.value, AttributeValue::Missing));
            match attribute.map(|attribute| attribute.value) {
                Some(AttributeValue::Function(_)) => return false,
                Some(_) => return class != id && self.facts(class).role == Role::Mapped,
                None if class != id && self.facts(class).role == Role::Mapped => return true,
                None => {}
            }
        }
        true
    }

    fn has_primary_key(&self, id: ClassId, facts: &Facts<'a>) -> bool {
        self.columns_of(id, facts)
            .into_iter()
            .any(|class| self.attributes(class).iter().any(|attribute| attribute.primary_key))
    }

    fn has_columns(&self, id: ClassId, facts: &Facts<'a>) -> bool {
        self.columns_of(id, facts)
            .into_iter()
            .any(|class| self.attributes(class).iter().any(|attribute| attribute.kind.is_column()))
    }

    /// The classes whose columns go into the table of class `id`: itself, and those before its
    /// mapped parent that are not mapped.
    fn columns_of(&self, id: ClassId, facts: &Facts<'a>) -> Vec<ClassId> {
        let unmapped = facts.classes().take_while(|class| self.facts(*class).role != Role::Mapped);
        std::iter::once(id).chain(unmapped).collect()
    }

    fn is_concrete(&self, id: ClassId) -> bool {
        let facts = self.facts(id);
        if facts.ancestors.contains(&Ancestor::Library(Symbol::ConcreteBase)) {
            return true;
        }
        let Some(attribute) = self.scope(id).attribute("__mapper_args__") else { return false };
        let AttributeValue::Expr(value) = attribute.value else { return false };
        let ExprKind::Dict(items) = &value.kind else { return false };
        items.iter().any(|item| {
            matches!(&item.key, Some(Expr { kind: ExprKind::Str(key), .. }) if **key == *"concrete")
                && matches!(item.value.kind, ExprKind::Bool(true))
        })
    }

    fn table_options(&self, id: ClassId, facts: &Facts<'a>) -> Options {
        let extends = facts.ancestors.iter().any(|ancestor| match ancestor {
            Ancestor::Unread(value) => value.symbol() == Some(Symbol::ExtendingBase),
            _ => false,
        });
        match self.directive(id, facts, "__table_args__") {
            Directive::No => Options { extend_existing: Some(extends), ..Options::NONE },
            Directive::Unknown => Options::UNKNOWN,
            Directive::Value(value, _) => self.options(&value),
        }
    }

    /// What `__table_args__` says: a dict, or a tuple whose last item may be one.
    fn options(&self, value: &Value<'a>) -> Options {
        let Value::Display(context, expr) = value else {
            return if *value == Value::None { Options::NONE } else { Options::UNKNOWN };
        };
        self.deeper(|| self.options_written(context, expr)).unwrap_or(Options::UNKNOWN)
    }

    fn options_written(&self, context: &Context<'a>, expr: &'a Expr) -> Options {
        match &expr.kind {
            ExprKind::Dict(items) => {
                let mut options = Options::NONE;
                for item in items {
                    let Some(key) = &item.key else {
                        options = self.options(&self.evaluate(context, &item.value));
                        continue;
                    };
                    match self.evaluate(context, key) {
                        Value::Text(key) => self.option(context, &mut options, &key, &item.value),
                        _ => options = Options { has_parts: Some(false), ..Options::UNKNOWN },
                    }
                }
                options
            }
            ExprKind::Call(call) => self.keywords(context, call),
            ExprKind::Tuple(items) => {
                let Some((last, parts)) = items.split_last() else { return Options::NONE };
                let last_value = self.evaluate(context, last);
                let mut options = match &last_value {
                    Value::Display(_, last) if is_dict(last) => self.options(&last_value),
                    Value::Display(..) | Value::Unknown(..) if !is_call(last) => Options::UNKNOWN,
                    _ => Options { has_parts: Some(true), ..Options::NONE },
                };
                let is_starred = |part: &Expr| matches!(part.kind, ExprKind::Starred(_));
                if parts.iter().any(|part| !is_starred(part)) {
                    options.has_parts = Some(true);
                } else if parts.iter().any(is_starred) && options.has_parts == Some(false) {
                    options.has_parts = None;
                }
                options.has_primary_key = items.iter().any(|part| {
                    matches!(
                        self.evaluate(context, part),
                        Value::Instance(Symbol::PrimaryKeyConstraint, ..)
                    )
                });
                options
            }
            ExprKind::Binary(sum) if sum.operator == Operator::Add => {
                let right = self.options(&self.evaluate(context, &sum.right));
                let left = self.options(&self.evaluate(context, &sum.left));
                let has_parts = match (left.has_parts, right.has_parts) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
                Options { has_parts, ..right }
            }
            _ => Options::UNKNOWN,
        }
    }

    fn keywords(&self, context: &Context<'a>, call: &'a Call) -> Options {
        if has_spread(call) {
            return Options { has_parts: Some(false), ..Options::UNKNOWN };
        }
        let mut options = Options::NONE;
        for keyword in &call.keywords {
            if let Some(name) = &keyword.name {
                self.option(context, &mut options, name, &keyword.value);
            }
        }
        options
    }

    fn option(&self, context: &Context<'a>, options: &mut Options, name: &str, value: &'a Expr) {
        let flag = |value: Value<'a>| match value {
            Value::Bool(flag) => Some(flag),
            Value::None => Some(false),
            _ => None,
        };
        match name {
            "schema" => {
                let value = self.evaluate(context, value);
                options.schema = match &value {
                    Value::Text(schema) => Some(Schema::Named(Some(Rc::clone(schema)))),
                    // `Table` reads `schema=None` as none given.
                    Value::None => Some(Schema::Unset),
                    _ if value.symbol() == Some(Symbol::BlankSchema) => Some(Schema::Blank),
                    _ => None,
                };
            }
            "extend_existing" => options.extend_existing = flag(self.evaluate(context, value)),
            "keep_existing" => options.keep_existing = flag(self.evaluate(context, value)),
            _ => {}
        }
    }
}

enum Directive<'a> {
    No,
    Unknown,
    Value(Value<'a>, Place),
}

enum Named {
    No,
    Text(Rc<str>, Place),
    Dynamic(Place),
}

/// The schema of a table, and whether it is the one, not known, of its `MetaData`.
fn schema(
    options: &Options,
    metadata: Option<&MetaData>,
    place: Place,
) -> (Known<Option<Box<str>>>, bool) {
    let schema = match &options.schema {
        None => return (Known::Dynamic(place), false),
        Some(Schema::Blank) => None,
        Some(Schema::Named(schema)) => schema.clone(),
        Some(Schema::Unset) => match metadata.map(|metadata| &metadata.schema) {
            Some(Some(schema)) => schema.clone(),
            Some(None) => return (Known::Dynamic(place), true),
            None => return (Known::Dynamic(place), false),
        },
    };
    (Known::Literal(schema.map(|schema| (*schema).into())), false)
}

fn known<T>(value: Option<T>, place: Place) -> Known<T> {
    value.map_or(Known::Dynamic(place), Known::Literal)
}

fn is_dict(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Dict(_) | ExprKind::Call(_))
}

fn is_call(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Call(_))
}
