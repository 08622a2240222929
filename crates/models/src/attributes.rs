//! The attributes of a class that are, or become, mapped.

use std::collections::BTreeMap;
use std::rc::Rc;

use python::{Call, Expr, ExprKind, Function, Known, StmtKind};

use crate::collect::{AttributeNode, AttributeValue};
use crate::declared::{AttributeKind, MappedAttribute};
use crate::evaluate::{has_spread, keyword};
use crate::library::Symbol;
use crate::values::{ClassId, Context, Project, Value};

/// A mapped attribute and the code that declares it.
#[derive(Clone)]
#[allow(
    clippy::option_option,
    reason = "not a column is not the same as one whose name is not known"
)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: AttributeKind,
    pub(crate) node: AttributeNode<'a>,
    /// The name of the column; `None` inside where the text does not settle it.
    pub(crate) column: Option<Option<Rc<str>>>,
    pub(crate) primary_key: bool,
    /// The call that makes the property, where it is written in the class itself.
    pub(crate) call: Option<&'a Call>,
}

impl Attribute<'_> {
    /// The attribute as plain data; `file` is that of its class.
    pub(crate) fn declared(&self, project: &Project<'_>, file: usize) -> MappedAttribute {
        let place = project.place(file, self.node.span);
        MappedAttribute {
            name: self.name.into(),
            place,
            kind: self.kind,
            column: self.column.as_ref().map(|column| match column {
                Some(name) => Known::Literal((**name).into()),
                None => Known::Dynamic(place),
            }),
            primary_key: self.primary_key,
        }
    }
}

impl<'a> Project<'a> {
    /// The mapped attributes that the body of a class declares, in order.
    pub(crate) fn attributes(&self, id: ClassId) -> Rc<[Attribute<'a>]> {
        let memo = &self.files[id.file].classes[id.index].attributes;
        if let Some(attributes) = memo.get() {
            return Rc::clone(attributes);
        }
        let nodes = self.scope(id).last_attributes();
        let attributes: Rc<[Attribute<'a>]> =
            nodes.filter_map(|node| self.mapped_attribute(id, node)).collect();
        Rc::clone(memo.get_or_init(|| attributes))
    }

    fn mapped_attribute(&self, id: ClassId, node: &AttributeNode<'a>) -> Option<Attribute<'a>> {
        if node.name.starts_with("__") || node.name.starts_with("_sa_") {
            return None;
        }
        let context = self.context_at(id, node);
        let annotated = node.annotation.map(|annotation| self.annotation(&context, annotation));
        if annotated == Some(Annotation::ClassVar) {
            return None;
        }
        let (instance, call) = match node.value {
            AttributeValue::Missing | AttributeValue::Other => (None, None),
            AttributeValue::Expr(value) => {
                let instance = match self.evaluate(&context, value) {
                    Value::Instance(symbol, context, call) => Some((symbol, context, call)),
                    _ => None,
                };
                let call = match &value.kind {
                    ExprKind::Call(call) => Some(&**call),
                    _ => None,
                };
                (instance, call)
            }
            AttributeValue::Function(function) => self.declared_by(id, function)?,
        };
        let kind = match instance.as_ref().and_then(|(symbol, ..)| kind_of(*symbol)) {
            Some(kind) => kind,
            None if annotated == Some(Annotation::Mapped) => AttributeKind::Annotated,
            None if annotated == Some(Annotation::Other)
                && !node.name.starts_with('_')
                && node.name != "model_config"
                && self.facts(id).is_sqlmodel() =>
            {
                AttributeKind::Field
            }
            None => return None,
        };
        let column = kind.is_column().then(|| match &instance {
            Some((Symbol::Column | Symbol::MappedColumn, context, call)) => {
                self.column_name(context, call, node.name)
            }
            _ => Some(node.name.into()),
        });
        let primary_key = instance.as_ref().is_some_and(|(_, _, call)| is_primary_key(call));
        Some(Attribute { name: node.name, kind, node: *node, column, primary_key, call })
    }

    /// The property that a `declared_attr` returns, and the call where it is written.
    #[allow(clippy::type_complexity)]
    fn declared_by(
        &self,
        id: ClassId,
        function: &'a Function,
    ) -> Option<(Option<(Symbol, Context<'a>, &'a Call)>, Option<&'a Call>)> {
        if !self.is_declared_attr(id, function) {
            return None;
        }
        let value = self.for_class(id, id, function)?;
        let Value::Instance(symbol, context, call) = value else { return None };
        let written = function.body.iter().find_map(|statement| match &statement.kind {
            StmtKind::Return(Some(value)) => match &value.kind {
                ExprKind::Call(written) => Some(&**written),
                _ => None,
            },
            _ => None,
        });
        Some((Some((symbol, context, call)), written))
    }

    /// Whether a decorator of a method of `class` is `declared_attr` or an attribute of it.
    pub(crate) fn is_declared_attr(&self, class: ClassId, function: &'a Function) -> bool {
        let context = self.body_of(class);
        function.decorators.iter().any(|decorator| match self.evaluate(&context, decorator) {
            Value::Outside(dotted, _) => dotted
                .split('.')
                .any(|part| part == "declared_attr" || part == "declared_attr_directive"),
            _ => false,
        })
    }

    /// What a `declared_attr` of class `owner` returns for class `id`.
    pub(crate) fn for_class(
        &self,
        id: ClassId,
        owner: ClassId,
        function: &'a Function,
    ) -> Option<Value<'a>> {
        let parameter = function.parameters.positional.first()?;
        let locals = BTreeMap::from([(parameter.name.as_str(), Value::Class(id))]);
        let origin = self.place(id.file, self.class(id).node.name_span);
        self.deeper(|| self.returned(owner.file, function, locals, Some(origin))).flatten()
    }

    /// The explicit name of a column, else `attribute`; `None` where only a run would tell.
    fn column_name(
        &self,
        context: &Context<'a>,
        call: &'a Call,
        attribute: &str,
    ) -> Option<Rc<str>> {
        if let Some(name) = keyword(call, "name") {
            return match self.evaluate(context, name) {
                Value::Text(name) => Some(name),
                Value::None => Some(attribute.into()),
                _ => None,
            };
        }
        if has_spread(call) {
            return None;
        }
        let Some(first) = call.arguments.first() else { return Some(attribute.into()) };
        match self.evaluate(context, first) {
            Value::Text(name) => Some(name),
            Value::Unknown(..)
                if matches!(first.kind, ExprKind::Name(_) | ExprKind::Starred(_)) =>
            {
                None
            }
            _ => Some(attribute.into()),
        }
    }

    fn annotation(&self, context: &Context<'a>, annotation: &'a Expr) -> Annotation {
        if let ExprKind::Str(text) = &annotation.kind {
            let head = text.split('[').next().unwrap_or_default();
            return match head.rsplit('.').next().unwrap_or_default().trim() {
                "Mapped" | "DynamicMapped" | "WriteOnlyMapped" => Annotation::Mapped,
                "ClassVar" => Annotation::ClassVar,
                _ => Annotation::Other,
            };
        }
        match self.evaluate_base(context, annotation).symbol() {
            Some(Symbol::Mapped) => Annotation::Mapped,
            Some(Symbol::ClassVar) => Annotation::ClassVar,
            _ => Annotation::Other,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Annotation {
    Mapped,
    ClassVar,
    Other,
}

fn kind_of(symbol: Symbol) -> Option<AttributeKind> {
    Some(match symbol {
        Symbol::Column => AttributeKind::Column,
        Symbol::MappedColumn => AttributeKind::MappedColumn,
        Symbol::Relationship => AttributeKind::Relationship,
        Symbol::Synonym => AttributeKind::Synonym,
        Symbol::Property => AttributeKind::Property,
        Symbol::Field => AttributeKind::Field,
        Symbol::FieldRelationship => AttributeKind::FieldRelationship,
        _ => return None,
    })
}

fn is_primary_key(call: &Call) -> bool {
    keyword(call, "primary_key").is_some_and(|value| matches!(value.kind, ExprKind::Bool(true)))
}
