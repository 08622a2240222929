//! What each class is to the mapper: its ancestors, its base, whether it is mapped.

use std::rc::Rc;

use diagnostics::Place;
use python::{Expr, ExprKind, Visitor, walk_stmt};

use crate::collect::{AttributeNode, AttributeValue, ClassNode};
use crate::declared::{BaseKind, MetaDataKey, Role};
use crate::evaluate::sqlmodel_metadata;
use crate::library::Symbol;
use crate::values::{Base, ClassId, Context, MetaData, Project, Registry, Value};

/// A class with more ancestors is not analysed.
const MOST_ANCESTORS: usize = 128;

/// What is known of a class.
pub(crate) struct Facts<'a> {
    /// Its ancestors in the order in which Python looks through them, without itself.
    pub(crate) ancestors: Vec<Ancestor<'a>>,
    /// Whether the order above is that of Python.
    pub(crate) is_ordered: bool,
    /// Where it gets its registry from.
    pub(crate) base: Option<Found<'a>>,
    /// What it is to the mapper; a class without base is a mixin.
    pub(crate) role: Role,
    /// Whether a metaclass or an `__init_subclass__` may name its table.
    pub(crate) is_customized: bool,
}

/// A class that another derives from.
#[derive(Clone, PartialEq)]
pub(crate) enum Ancestor<'a> {
    Class(ClassId),
    Base(Value<'a>),
    Library(Symbol),
    /// From outside the project, by its dotted name, or what only a run would tell.
    Unread(Value<'a>),
}

/// The declarative base of a class.
#[derive(Clone)]
pub(crate) enum Found<'a> {
    /// The class itself or an ancestor is one.
    Class(ClassId, BaseKind),
    /// A call made it.
    Made(Rc<Base<'a>>),
    /// A decorator maps the class, without a base.
    Decorated(Rc<Registry>),
    /// `SQLModel`
    SqlModel,
    /// From outside the project, or what only a run would tell.
    Unread(Value<'a>),
}

impl<'a> Facts<'a> {
    /// The ancestors that are classes of the project, in order.
    pub(crate) fn classes(&self) -> impl Iterator<Item = ClassId> + '_ {
        self.ancestors.iter().filter_map(|ancestor| match ancestor {
            Ancestor::Class(class) => Some(*class),
            _ => None,
        })
    }

    /// The class of a library that it derives from, the nearest that matters.
    pub(crate) fn library(&self) -> Option<Symbol> {
        self.ancestors.iter().find_map(|ancestor| match ancestor {
            Ancestor::Library(Symbol::Harmless) => None,
            Ancestor::Library(symbol) => Some(*symbol),
            _ => None,
        })
    }

    pub(crate) fn is_sqlmodel(&self) -> bool {
        self.ancestors.contains(&Ancestor::Library(Symbol::SqlModel))
    }

    /// The kind of its base.
    pub(crate) fn base_kind(&self) -> Option<BaseKind> {
        Some(match self.base.as_ref()? {
            Found::Class(_, kind) => *kind,
            Found::Made(base) => base.kind,
            Found::Decorated(_) => BaseKind::Mapped,
            Found::SqlModel => BaseKind::SqlModel,
            Found::Unread(_) => BaseKind::Outside,
        })
    }

    /// The base that `Flask-SQLAlchemy` made, where the class derives from one.
    pub(crate) fn flask(&self) -> Option<&Rc<Base<'a>>> {
        match &self.base {
            Some(Found::Made(base)) if base.kind == BaseKind::Flask => Some(base),
            _ => None,
        }
    }

    fn unknown() -> Self {
        Self {
            ancestors: Vec::new(),
            is_ordered: false,
            base: None,
            role: Role::Unsettled,
            is_customized: true,
        }
    }
}

impl<'a> Project<'a> {
    /// What is known of a class.
    pub(crate) fn facts(&self, id: ClassId) -> Rc<Facts<'a>> {
        let memo = &self.files[id.file].classes[id.index];
        if let Some(facts) = memo.facts.get() {
            return Rc::clone(facts);
        }
        if memo.is_open.replace(true) {
            return Rc::new(Facts::unknown());
        }
        let found = Rc::new(self.deeper(|| self.find_facts(id)).unwrap_or_else(Facts::unknown));
        memo.is_open.set(false);
        // Already set only where finding them came back here.
        let _ = memo.facts.set(Rc::clone(&found));
        found
    }

    fn find_facts(&self, id: ClassId) -> Facts<'a> {
        let node = self.class(id);
        let context = Context::new(id.file, node.outer, node.at);
        let bases: Vec<Ancestor<'a>> =
            node.node.bases.iter().map(|base| self.ancestor(&context, base)).collect();
        let Some((ancestors, is_ordered)) = self.linearize(&bases) else { return Facts::unknown() };
        let base = self.find_base(id, node, &context, &ancestors);
        let mut facts = Facts {
            is_customized: self.is_customized(id, node, &context, &ancestors, base.as_ref()),
            ancestors,
            is_ordered,
            base,
            role: Role::Mixin,
        };
        facts.role = self.role(id, node, &bases, &facts);
        facts
    }

    fn ancestor(&self, context: &Context<'a>, expr: &'a Expr) -> Ancestor<'a> {
        let value = self.evaluate_base(context, expr);
        match value {
            Value::Class(class) => Ancestor::Class(class),
            Value::Base(_) => Ancestor::Base(value),
            _ => match value.symbol() {
                Some(symbol) if symbol != Symbol::ExtendingBase => Ancestor::Library(symbol),
                _ => Ancestor::Unread(value),
            },
        }
    }

    /// The ancestors in Python's order (C3), or where that does not exist, in some order; `None`
    /// where there are too many.
    fn linearize(&self, bases: &[Ancestor<'a>]) -> Option<(Vec<Ancestor<'a>>, bool)> {
        let mut lists: Vec<Vec<Ancestor<'a>>> = Vec::with_capacity(bases.len() + 1);
        let mut is_ordered = true;
        for base in bases {
            let mut list = vec![base.clone()];
            let class = match base {
                Ancestor::Class(class) => Some(*class),
                Ancestor::Base(Value::Base(made)) => match &made.class {
                    Some(Value::Class(class)) => {
                        list.push(Ancestor::Class(*class));
                        Some(*class)
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some(class) = class {
                let facts = self.facts(class);
                is_ordered &= facts.is_ordered;
                list.extend(facts.ancestors.iter().cloned());
            }
            if list.len() > MOST_ANCESTORS {
                return None;
            }
            lists.push(list);
        }
        if let [only] = &mut lists[..] {
            return Some((std::mem::take(only), is_ordered));
        }
        lists.push(bases.to_vec());
        let mut merged = Vec::new();
        loop {
            lists.retain(|list| !list.is_empty());
            let Some(first) = lists.first() else { break };
            if merged.len() > MOST_ANCESTORS {
                return None;
            }
            let good = lists
                .iter()
                .map(|list| &list[0])
                .find(|head| !lists.iter().any(|list| list[1..].contains(head)));
            is_ordered &= good.is_some();
            let next = good.unwrap_or(&first[0]).clone();
            for list in &mut lists {
                list.retain(|ancestor| *ancestor != next);
            }
            merged.push(next);
        }
        Some((merged, is_ordered))
    }

    fn find_base(
        &self,
        id: ClassId,
        node: &ClassNode<'a>,
        context: &Context<'a>,
        ancestors: &[Ancestor<'a>],
    ) -> Option<Found<'a>> {
        if let Some(found) = self.own_base(id, node, context) {
            return Some(found);
        }
        let read = ancestors.iter().find_map(|ancestor| match ancestor {
            Ancestor::Class(class) => match &self.facts(*class).base {
                // A decorator maps one class; a subclass has to be decorated as well.
                Some(Found::Unread(_) | Found::Decorated(_)) | None => None,
                found => found.clone(),
            },
            Ancestor::Base(Value::Base(base)) => Some(Found::Made(Rc::clone(base))),
            Ancestor::Library(Symbol::SqlModel) => Some(Found::SqlModel),
            _ => None,
        });
        read.or_else(|| {
            ancestors.iter().find_map(|ancestor| match ancestor {
                Ancestor::Unread(value) => Some(Found::Unread(value.clone())),
                _ => None,
            })
        })
    }

    /// The base that the class itself is, or that its decorators give it.
    fn own_base(
        &self,
        id: ClassId,
        node: &ClassNode<'a>,
        context: &Context<'a>,
    ) -> Option<Found<'a>> {
        for base in &node.node.bases {
            match self.evaluate_base(context, base).symbol() {
                Some(Symbol::DeclarativeBase) => return Some(Found::Class(id, BaseKind::Class)),
                Some(Symbol::DeclarativeBaseNoMeta) => {
                    return Some(Found::Class(id, BaseKind::ClassNoMeta));
                }
                _ => {}
            }
        }
        for decorator in &node.node.decorators {
            if let Some(found) = self.decorated(id, context, decorator) {
                return Some(found);
            }
        }
        // `class Base(metaclass=DeclarativeMeta)`, which must name its registry.
        let metaclass =
            node.node.keywords.iter().find(|key| key.name.as_deref() == Some("metaclass"))?;
        let metaclass = self.evaluate(context, &metaclass.value);
        (metaclass.symbol() == Some(Symbol::DeclarativeMeta)
            && self.scope(id).attribute("registry").is_some())
        .then_some(Found::Class(id, BaseKind::Class))
    }

    fn decorated(
        &self,
        id: ClassId,
        context: &Context<'a>,
        decorator: &'a Expr,
    ) -> Option<Found<'a>> {
        let (callee, call) = match &decorator.kind {
            ExprKind::Call(call) => (&call.callee, Some(&**call)),
            _ => (decorator, None),
        };
        let callee = self.evaluate(context, callee);
        match (&callee, callee.symbol()) {
            (Value::Method(registry, "mapped"), _) => Some(Found::Decorated(Rc::clone(registry))),
            (Value::Method(_, "as_declarative_base"), _) | (_, Some(Symbol::AsDeclarative)) => {
                Some(Found::Class(id, BaseKind::Decorated))
            }
            (_, Some(Symbol::MappedAsDataclassFunction)) => {
                match self.evaluate(context, call?.arguments.first()?) {
                    Value::Registry(registry) => Some(Found::Decorated(registry)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_customized(
        &self,
        id: ClassId,
        node: &ClassNode<'a>,
        context: &Context<'a>,
        ancestors: &[Ancestor<'a>],
        base: Option<&Found<'a>>,
    ) -> bool {
        let has_metaclass = node.node.keywords.iter().any(|keyword| {
            keyword.name.as_deref() == Some("metaclass")
                && !matches!(
                    self.evaluate(context, &keyword.value).symbol(),
                    Some(Symbol::DeclarativeMeta | Symbol::Harmless)
                )
        });
        let has_hook = self.scope(id).attributes.iter().any(|attribute| {
            attribute.name == "__table_cls__"
                || attribute.name == "__init_subclass__" && assigns(attribute)
        });
        has_metaclass
            || has_hook
            || matches!(base, Some(Found::Made(base)) if base.has_own_metaclass)
            || ancestors.iter().any(|ancestor| match ancestor {
                Ancestor::Class(class) => self.facts(*class).is_customized,
                _ => false,
            })
    }

    fn role(
        &self,
        id: ClassId,
        node: &ClassNode<'a>,
        bases: &[Ancestor<'a>],
        facts: &Facts<'a>,
    ) -> Role {
        match &facts.base {
            None => return Role::Mixin,
            Some(Found::Class(base, _)) if *base == id => return Role::Base,
            Some(Found::Decorated(_)) => return Role::Mapped,
            _ => {}
        }
        if let Some(attribute) = self.scope(id).attribute("__abstract__") {
            let value = match attribute.value {
                AttributeValue::Expr(value) if attribute.is_sure => {
                    self.evaluate(&self.body_of(id), value)
                }
                _ => return Role::Unsettled,
            };
            match value {
                Value::Bool(true) => return Role::Abstract,
                Value::Bool(false) | Value::None => {}
                _ => return Role::Unsettled,
            }
        }
        if bases.contains(&Ancestor::Library(Symbol::AbstractConcreteBase)) {
            return Role::Abstract;
        }
        if facts.is_sqlmodel() {
            return self.sqlmodel_role(node, facts);
        }
        match &facts.base {
            // A base that is not read may be a plain class: a name and a primary key tell.
            Some(Found::Unread(_)) if !self.names_and_maps(id) => Role::Unsettled,
            _ => Role::Mapped,
        }
    }

    fn sqlmodel_role(&self, node: &ClassNode<'a>, facts: &Facts<'a>) -> Role {
        if facts.classes().any(|class| self.facts(class).role == Role::Mapped) {
            return Role::Abstract;
        }
        let mut keywords = node.node.keywords.iter();
        if node.node.keywords.iter().any(|keyword| keyword.name.is_none()) {
            return Role::Unsettled;
        }
        match keywords.find(|keyword| keyword.name.as_deref() == Some("table")) {
            None => Role::Abstract,
            Some(keyword) => match keyword.value.kind {
                ExprKind::Bool(true) => Role::Mapped,
                ExprKind::Bool(false) => Role::Abstract,
                _ => Role::Unsettled,
            },
        }
    }

    fn names_and_maps(&self, id: ClassId) -> bool {
        self.scope(id).attribute("__tablename__").is_some()
            && self.attributes(id).iter().any(|attribute| attribute.primary_key)
    }

    /// The collection of tables that the tables of a class belong to.
    pub(crate) fn metadata_of(&self, id: ClassId) -> Option<Rc<MetaData>> {
        let facts = self.facts(id);
        let base = facts.base.as_ref()?;
        for class in std::iter::once(id).chain(facts.classes()) {
            if let Some(own) = self.own_metadata(class) {
                return Some(own);
            }
            if let Found::Class(base, _) = base
                && *base == class
            {
                return Some(self.metadata_of_base(class));
            }
        }
        match base {
            Found::Class(base, _) => Some(self.metadata_of_base(*base)),
            Found::Made(base) if base.kind == BaseKind::Flask => self.metadata_of_bind(id, base),
            Found::Made(base) => Some(Rc::clone(&base.metadata)),
            Found::Decorated(registry) => Some(Rc::clone(&registry.metadata)),
            Found::SqlModel => Some(sqlmodel_metadata()),
            Found::Unread(value) => self.as_metadata(value),
        }
    }

    /// A `MetaData` that the body of a class binds to `metadata`.
    fn own_metadata(&self, id: ClassId) -> Option<Rc<MetaData>> {
        let attribute = self.scope(id).attribute("metadata")?;
        let AttributeValue::Expr(value) = attribute.value else { return None };
        match self.evaluate(&self.context_at(id, attribute), value) {
            Value::Instance(..) => None,
            value => self.as_metadata(&value),
        }
    }

    /// That of a class which is a base: its registry's, or a new one.
    fn metadata_of_base(&self, id: ClassId) -> Rc<MetaData> {
        if let Some(attribute) = self.scope(id).attribute("registry")
            && let AttributeValue::Expr(value) = attribute.value
            && let Value::Registry(registry) = self.evaluate(&self.context_at(id, attribute), value)
        {
            return Rc::clone(&registry.metadata);
        }
        let node = self.class(id);
        let context = Context::new(id.file, node.outer, node.at);
        for decorator in &node.node.decorators {
            let ExprKind::Call(call) = &decorator.kind else { continue };
            let of_registry = match &call.callee.kind {
                ExprKind::Attribute(attribute) => match self.evaluate(&context, &attribute.value) {
                    Value::Registry(registry) => Some(Rc::clone(&registry.metadata)),
                    _ => None,
                },
                _ => None,
            };
            let given = crate::evaluate::keyword(call, "metadata")
                .and_then(|metadata| self.as_metadata(&self.evaluate(&context, metadata)));
            if let Some(metadata) = of_registry.or(given) {
                return metadata;
            }
        }
        let origin = self.place(id.file, node.node.name_span);
        Rc::new(MetaData { key: MetaDataKey::Made(origin), schema: Some(None) })
    }

    /// That of the bind which `__bind_key__` names (`Flask-SQLAlchemy`).
    fn metadata_of_bind(&self, id: ClassId, base: &Rc<Base<'a>>) -> Option<Rc<MetaData>> {
        let facts = self.facts(id);
        let bound = std::iter::once(id).chain(facts.classes()).find_map(|class| {
            self.scope(class).attribute("__bind_key__").map(|attribute| (class, attribute))
        });
        let Some((class, attribute)) = bound else { return Some(Rc::clone(&base.metadata)) };
        let AttributeValue::Expr(value) = attribute.value else { return None };
        match self.evaluate(&self.context_at(class, attribute), value) {
            Value::None => Some(Rc::clone(&base.metadata)),
            Value::Text(key) => Some(self.bind(base.origin, &key)),
            _ => None,
        }
    }

    /// The collection of tables of one bind of an extension.
    #[allow(clippy::unused_self)]
    pub(crate) fn bind(&self, origin: Place, key: &str) -> Rc<MetaData> {
        Rc::new(MetaData { key: MetaDataKey::Bind(origin, key.into()), schema: Some(None) })
    }

    /// Where the value of an attribute of a class is evaluated.
    pub(crate) fn context_at(&self, id: ClassId, attribute: &AttributeNode<'a>) -> Context<'a> {
        Context::new(id.file, self.class(id).scope, attribute.at)
    }
}

/// Whether a function sets attributes: of the class it is given, that is.
fn assigns(attribute: &AttributeNode<'_>) -> bool {
    struct Finder(bool);
    impl<'a> Visitor<'a> for Finder {
        fn visit_stmt(&mut self, statement: &'a python::Stmt) {
            if let python::StmtKind::Assign(assign) = &statement.kind {
                self.0 |= assign
                    .targets
                    .iter()
                    .any(|target| matches!(target.kind, ExprKind::Attribute(_)));
            }
            walk_stmt(self, statement);
        }

        fn visit_expr(&mut self, expr: &'a Expr) {
            self.0 |= matches!(&expr.kind, ExprKind::Name(name) if name == "setattr");
            python::walk_expr(self, expr);
        }
    }
    let AttributeValue::Function(function) = attribute.value else { return true };
    let mut finder = Finder(false);
    for statement in &function.body {
        finder.visit_stmt(statement);
    }
    finder.0
}
