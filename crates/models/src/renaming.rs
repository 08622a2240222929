//! Finding mapped attributes with reserved names, and every place that renaming one touches.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Place, Span};
use python::{
    Call, Class, Expr, ExprKind, Function, Stmt, StmtKind, Visitor, walk_expr, walk_stmt,
};

use crate::attributes::Attribute;
use crate::classes::{Ancestor, Facts};
use crate::collect::AttributeValue;
use crate::declared::{AttributeKind, BaseKind, Role};
use crate::evaluate::{has_spread, keyword};
use crate::library::Symbol;
use crate::reserved::{Renaming, ReservedAttribute, ReservedFor};
use crate::values::{ClassId, Context, Project, Value};

/// No more uses than these are listed.
const MOST_USES: usize = 20;

/// Gathers the reserved attributes of a project, each once.
pub(crate) struct Reserver<'p, 'a> {
    project: &'p Project<'a>,
    seen: BTreeSet<(ClassId, &'a str)>,
    found: Vec<ReservedAttribute>,
    /// For each file that has a reserved attribute, every use of such a name.
    uses: BTreeMap<usize, Vec<Use<'a>>>,
}

/// `receiver.name`, or `receiver(name=…)`.
struct Use<'a> {
    name: &'a str,
    receiver: &'a str,
    span: Span,
    is_keyword: bool,
}

impl<'p, 'a> Reserver<'p, 'a> {
    pub(crate) const fn new(project: &'p Project<'a>) -> Self {
        Self { project, seen: BTreeSet::new(), found: Vec::new(), uses: BTreeMap::new() }
    }

    /// What was found, in the order of the text.
    pub(crate) fn finish(mut self) -> Vec<ReservedAttribute> {
        self.found.sort_by_key(|attribute| attribute.place);
        self.found
    }

    /// Looks for reserved names among what class `id` declares or takes from classes that are not
    /// mapped.
    pub(crate) fn class(&mut self, id: ClassId, facts: &Facts<'a>) {
        let is_judged = match facts.role {
            Role::Mapped => true,
            Role::Abstract => !facts.is_sqlmodel(),
            _ => false,
        };
        let Some(base) = facts.base_kind().filter(|_| is_judged) else { return };
        if !self.project.class(id).is_sure {
            return;
        }
        let reserved: &[(&str, ReservedFor)] = &[
            ("metadata", ReservedFor::MetaData),
            ("registry", ReservedFor::Registry),
            ("query", ReservedFor::Query),
            ("query_class", ReservedFor::Query),
        ];
        let count = if base == BaseKind::Flask { reserved.len() } else { 2 };
        for &(name, reserved_for) in &reserved[..count] {
            if let Some((owner, attribute)) = self.declared(id, facts, name)
                && self.seen.insert((owner, attribute.name))
            {
                self.add(owner, &attribute, reserved_for, base);
            }
        }
    }

    /// The mapped attribute that Python finds as `name` in class `id`: the first in the order of
    /// its ancestors, and not one that the base itself has.
    fn declared(
        &self,
        id: ClassId,
        facts: &Facts<'a>,
        name: &str,
    ) -> Option<(ClassId, Attribute<'a>)> {
        let own = Ancestor::Class(id);
        for ancestor in std::iter::once(&own).chain(&facts.ancestors) {
            let class = match ancestor {
                Ancestor::Class(class) => *class,
                Ancestor::Library(Symbol::Harmless) => continue,
                _ => return None,
            };
            let Some(node) = self.project.scope(class).attribute(name) else {
                if self.project.facts(class).role == Role::Base {
                    return None;
                }
                continue;
            };
            if !node.is_sure || self.project.facts(class).role == Role::Base {
                return None;
            }
            // An annotation binds nothing, so that what the base has under this name is found
            // first, and SQLAlchemy takes the column as overridden; a field is made a column.
            if (class != id || facts.role == Role::Abstract)
                && matches!(node.value, AttributeValue::Missing)
                && !facts.is_sqlmodel()
            {
                continue;
            }
            let attributes = self.project.attributes(class);
            let found = attributes.iter().find(|attribute| attribute.name == name)?;
            return Some((class, found.clone()));
        }
        None
    }

    fn add(
        &mut self,
        owner: ClassId,
        attribute: &Attribute<'a>,
        reserved_for: ReservedFor,
        base: BaseKind,
    ) {
        let project = self.project;
        let node = project.class(owner);
        let mut inside = Inside::new(attribute.name, attribute.node.span.end);
        inside.class(node.node);
        let uses = self.uses_of(owner, attribute.name, &inside.edits);
        let column = attribute.column.clone().flatten();
        self.found.push(ReservedAttribute {
            class: node.node.name.as_str().into(),
            class_place: project.place(owner.file, node.node.name_span),
            name: attribute.name.into(),
            place: project.place(owner.file, attribute.node.span),
            reserved_for,
            kind: attribute.kind,
            column: column.map(|column| (*column).into()),
            base,
            uses,
            renaming: renaming(project, owner, attribute, &inside.edits),
        });
    }

    /// The places of the file that may use the attribute of this class, without those that an
    /// edit changes.
    fn uses_of(&mut self, owner: ClassId, name: &str, edits: &[Span]) -> Vec<Place> {
        let project = self.project;
        let file = owner.file;
        let uses = self.uses.entry(file).or_insert_with(|| {
            let mut finder = Finder { uses: Vec::new() };
            for statement in &project.files[file].tree.body {
                finder.visit_stmt(statement);
            }
            finder.uses
        });
        let node = project.class(owner).node;
        let (start, end) = extent(node);
        uses.iter()
            .filter(|found| found.name == name && !edits.contains(&found.span))
            .filter(|found| {
                let is_inside = start <= found.span.start && found.span.end <= end;
                match project.global(file, u32::MAX, found.receiver) {
                    Some(Value::Class(class)) => class == owner,
                    Some(_) => false,
                    None if matches!(found.receiver, "self" | "cls") => is_inside,
                    None => !found.is_keyword,
                }
            })
            .take(MOST_USES)
            .map(|found| project.place(file, found.span))
            .collect()
    }
}

/// What a new name for the attribute changes, or `None` where an edit cannot keep the name of its
/// column.
fn renaming<'a>(
    project: &Project<'a>,
    owner: ClassId,
    attribute: &Attribute<'a>,
    edits: &[Span],
) -> Option<Renaming> {
    let place = |span| project.place(owner.file, span);
    let mut names = vec![place(attribute.node.span)];
    names.extend(edits.iter().map(|span| place(*span)));
    let may_name_column = attribute.kind.is_column() || attribute.kind == AttributeKind::Property;
    let insertions = if may_name_column {
        let insertions = Writer::new(project, owner, attribute).insertions()?;
        insertions.into_iter().map(|(at, text)| (place(Span::point(at)), text)).collect()
    } else {
        Vec::new()
    };
    let facts = project.facts(owner);
    let taken = std::iter::once(owner)
        .chain(facts.classes())
        .flat_map(|class| project.scope(class).names())
        .filter(|taken| taken.contains(attribute.name) && *taken != attribute.name)
        .map(Box::from)
        .collect();
    Some(Renaming { names, insertions, taken })
}

/// Writes the text that keeps the name of a column whose attribute is renamed.
struct Writer<'p, 'a, 'b> {
    project: &'p Project<'a>,
    owner: ClassId,
    attribute: &'b Attribute<'a>,
    text: &'a str,
    quote: char,
}

impl<'p, 'a, 'b> Writer<'p, 'a, 'b> {
    fn new(project: &'p Project<'a>, owner: ClassId, attribute: &'b Attribute<'a>) -> Self {
        let text = project.files[owner.file].source.text();
        let start = project.class(owner).at as usize;
        let near = text.as_bytes().get(start..).unwrap_or_default();
        let near = &near[..near.len().min(4096)];
        let count = |quote| near.split(|byte| *byte == quote).count();
        let quote = if count(b'\'') > count(b'"') { '\'' } else { '"' };
        Self { project, owner, attribute, text, quote }
    }

    fn quoted(&self) -> String {
        let quote = self.quote;
        format!("{quote}{}{quote}", self.attribute.name)
    }

    fn insertions(&self) -> Option<Vec<(u32, String)>> {
        if self.attribute.kind == AttributeKind::Property {
            return self.in_property(self.attribute.call?);
        }
        // A name that only a run would tell may be the attribute's.
        self.attribute.column.as_ref()?.as_ref()?;
        let Some(call) = self.attribute.call else {
            return match self.attribute.node.value {
                AttributeValue::Missing => self.value_for_annotation(),
                AttributeValue::Expr(value) => self.around_default(value),
                _ => None,
            };
        };
        let callee = self.project.evaluate(&self.context(), &call.callee);
        match callee.symbol() {
            Some(Symbol::Column | Symbol::MappedColumn) => self.in_column(call),
            Some(Symbol::Field) => self.in_field(call),
            _ => None,
        }
    }

    fn context(&self) -> Context<'a> {
        match self.attribute.node.value {
            AttributeValue::Function(_) => Context::end_of(self.owner.file),
            _ => self.project.context_at(self.owner, &self.attribute.node),
        }
    }

    /// `Column(JSON)` becomes `Column("metadata", JSON)`.
    fn in_column(&self, call: &'a Call) -> Option<Vec<(u32, String)>> {
        let first = call.arguments.first();
        let has_name = keyword(call, "name").is_some()
            || first.is_some_and(|first| {
                self.project.evaluate(&self.context(), first).text().is_some()
            });
        if has_name {
            return Some(Vec::new());
        }
        if has_spread(call) || first.is_some_and(|f| matches!(f.kind, ExprKind::Starred(_))) {
            return None;
        }
        let next = first.map(|first| first.span.start);
        let next = next.or(call.keywords.first().map(|keyword| keyword.span.start));
        let open = self.open(call)?;
        Some(vec![match next {
            None => (open, self.quoted()),
            // On a line of its own, the first argument keeps its indentation; what stands between
            // may be the parenthesis of an argument, or a comment.
            Some(next) if self.blank(open, next) => (next, format!("{}, ", self.quoted())),
            Some(_) => (open, format!("{}, ", self.quoted())),
        }])
    }

    /// `deferred(Column(JSON))` names its column as `Column(JSON)` does; a property of expressions
    /// has none.
    fn in_property(&self, call: &'a Call) -> Option<Vec<(u32, String)>> {
        let first = call.arguments.first().map(|first| (first, &first.kind));
        let Some((first, ExprKind::Call(column))) = first else {
            // A column that has a name has it already.
            return first.is_none().then(Vec::new);
        };
        match self.project.evaluate(&self.context(), first) {
            Value::Instance(Symbol::Column | Symbol::MappedColumn, ..) => self.in_column(column),
            _ => Some(Vec::new()),
        }
    }

    /// `Field()` becomes `Field(sa_column_kwargs={"name": "metadata"})`.
    fn in_field(&self, call: &'a Call) -> Option<Vec<(u32, String)>> {
        if let Some(column) = keyword(call, "sa_column") {
            let ExprKind::Call(column) = &column.kind else { return None };
            return self.in_column(column);
        }
        if keyword(call, "sa_column_kwargs").is_some() || has_spread(call) {
            return None;
        }
        let option = self.field_option();
        match (call.arguments.last(), call.keywords.first()) {
            (_, Some(keyword)) => Some(vec![(keyword.span.start, format!("{option}, "))]),
            (None, None) => Some(vec![(self.open(call)?, option)]),
            (Some(last), None) => {
                let rest = self.text.get(last.span.end as usize..)?;
                rest.starts_with(')').then(|| vec![(last.span.end, format!(", {option}"))])
            }
        }
    }

    /// `metadata: str = ""` of a `SQLModel` becomes `metadata: str = Field(default="", …)`.
    fn around_default(&self, value: &'a Expr) -> Option<Vec<(u32, String)>> {
        if self.attribute.kind != AttributeKind::Field {
            return None;
        }
        let field = self.spelled(&["Field", "sqlmodel.Field"], Symbol::Field)?;
        Some(vec![
            (value.span.start, format!("{field}(default=")),
            (value.span.end, format!(", {})", self.field_option())),
        ])
    }

    fn field_option(&self) -> String {
        let quote = self.quote;
        format!("sa_column_kwargs={{{quote}name{quote}: {}}}", self.quoted())
    }

    /// `metadata: Mapped[dict]` gets ` = mapped_column("metadata")`.
    fn value_for_annotation(&self) -> Option<Vec<(u32, String)>> {
        let at = self.attribute.node.annotation?.span.end;
        let quoted = self.quoted();
        if self.attribute.kind == AttributeKind::Field {
            let field = self.spelled(&["Field", "sqlmodel.Field"], Symbol::Field)?;
            return Some(vec![(at, format!(" = {field}({})", self.field_option()))]);
        }
        let candidates = [
            "mapped_column",
            "orm.mapped_column",
            "so.mapped_column",
            "sa_orm.mapped_column",
            "db.mapped_column",
            "sa.orm.mapped_column",
            "sqlalchemy.orm.mapped_column",
        ];
        if let Some(function) = self.spelled(&candidates, Symbol::MappedColumn) {
            return Some(vec![(at, format!(" = {function}({quoted})"))]);
        }
        let import = self.import_of_mapped()?;
        Some(vec![
            (import, ", mapped_column".to_owned()),
            (at, format!(" = mapped_column({quoted})")),
        ])
    }

    /// The first of these spellings that stands for `symbol` in the file.
    fn spelled<'s>(&self, spellings: &[&'s str], symbol: Symbol) -> Option<&'s str> {
        spellings.iter().copied().find(|spelling| {
            let mut parts = spelling.split('.');
            let first = parts.next().unwrap_or_default();
            let bound = self.project.global(self.owner.file, self.attribute.node.at, first);
            let value = parts.fold(bound, |value, part| {
                value.and_then(|value| self.project.attribute(&value, part))
            });
            value.and_then(|value| value.symbol()) == Some(symbol)
        })
    }

    /// The end of `Mapped` in the import that binds it.
    fn import_of_mapped(&self) -> Option<u32> {
        let body = &self.project.files[self.owner.file].tree.body;
        let aliases = body.iter().filter_map(|statement| match &statement.kind {
            StmtKind::ImportFrom(import) if import.module.as_deref() == Some("sqlalchemy.orm") => {
                Some(&import.names)
            }
            _ => None,
        });
        let mapped = aliases.flatten().find(|alias| alias.name == "Mapped")?;
        Some(mapped.span.end)
    }

    /// The byte after the parenthesis that opens the arguments of a call.
    fn open(&self, call: &Call) -> Option<u32> {
        let after = call.callee.span.end;
        let rest = self.text.get(after as usize..)?;
        let open = rest.find('(')?;
        rest[..open].chars().all(char::is_whitespace).then_some(after + open as u32 + 1)
    }

    fn blank(&self, from: u32, to: u32) -> bool {
        self.text
            .get(from as usize..to as usize)
            .is_some_and(|between| between.chars().all(char::is_whitespace))
    }
}

/// Finds the uses of an attribute within its own class that are sure to mean it.
struct Inside<'n> {
    name: &'n str,
    /// Before this byte, a name in the body of the class does not mean the attribute.
    after: u32,
    /// The parameter that is the instance.
    receiver: Option<String>,
    edits: Vec<Span>,
}

impl<'n> Inside<'n> {
    const fn new(name: &'n str, after: u32) -> Self {
        Self { name, after, receiver: None, edits: Vec::new() }
    }

    fn class(&mut self, class: &Class) {
        for statement in &class.body {
            match &statement.kind {
                StmtKind::Function(function) => self.method(function),
                _ => self.visit_stmt(statement),
            }
        }
    }

    fn method(&mut self, function: &Function) {
        let is_plain = function.decorators.iter().all(|decorator| match &decorator.kind {
            ExprKind::Name(name) => name == "property",
            ExprKind::Attribute(attribute) => attribute.name == "setter",
            _ => false,
        });
        let Some(first) = function.parameters.positional.first().filter(|_| is_plain) else {
            return;
        };
        self.receiver = Some(first.name.to_string());
        for statement in &function.body {
            self.visit_stmt(statement);
        }
        self.receiver = None;
    }
}

impl<'t> Visitor<'t> for Inside<'_> {
    fn visit_stmt(&mut self, statement: &'t Stmt) {
        match &statement.kind {
            StmtKind::Class(_) => {}
            // Names of a function are its own; the instance may be known by its parameter.
            StmtKind::Function(function) => {
                let hides = |receiver: &String| {
                    let parameters = &function.parameters;
                    parameters
                        .positional
                        .iter()
                        .chain(&parameters.keyword_only)
                        .any(|parameter| *parameter.name == **receiver)
                };
                if self.receiver.as_ref().is_some_and(|receiver| !hides(receiver)) {
                    walk_stmt(self, statement);
                }
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expr: &'t Expr) {
        match (&expr.kind, &self.receiver) {
            (ExprKind::Name(name), None) if *name == self.name && expr.span.start >= self.after => {
                self.edits.push(expr.span);
            }
            (ExprKind::Attribute(attribute), Some(receiver))
                if attribute.name == self.name
                    && matches!(&attribute.value.kind, ExprKind::Name(of) if **of == **receiver) =>
            {
                self.edits.push(name_of(expr.span, self.name));
            }
            (ExprKind::Lambda(_), _) => {}
            _ => walk_expr(self, expr),
        }
    }
}

/// Finds every use of a reserved name in a file.
struct Finder<'a> {
    uses: Vec<Use<'a>>,
}

impl<'a> Visitor<'a> for Finder<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let reserved =
            |name: &str| matches!(name, "metadata" | "registry" | "query" | "query_class");
        match &expr.kind {
            ExprKind::Attribute(attribute) if reserved(&attribute.name) => {
                if let ExprKind::Name(receiver) = &attribute.value.kind {
                    let span = name_of(expr.span, &attribute.name);
                    let name = attribute.name.as_str();
                    self.uses.push(Use { name, receiver, span, is_keyword: false });
                }
            }
            ExprKind::Call(call) => {
                if let ExprKind::Name(receiver) = &call.callee.kind {
                    for keyword in &call.keywords {
                        let Some(name) = keyword.name.as_ref().filter(|name| reserved(name)) else {
                            continue;
                        };
                        let start = keyword.span.start;
                        let span = Span::new(start, start + name.len() as u32);
                        self.uses.push(Use { name, receiver, span, is_keyword: true });
                    }
                }
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

/// The span of `name` where it ends an attribute expression.
fn name_of(span: Span, name: &str) -> Span {
    Span::new(span.end.saturating_sub(name.len() as u32), span.end)
}

/// From the name of a class to the end of its body, in bytes.
fn extent(class: &Class) -> (u32, u32) {
    let end = class.body.last().map_or(class.name_span.end, |last| last.span.end);
    (class.name_span.start, end)
}
