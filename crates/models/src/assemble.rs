//! From the files to plain data: every class and every call, in order.

use std::collections::{BTreeMap, BTreeSet};

use python::Call;

use crate::collect::AttributeValue;
use crate::declared::{DeclaredTable, MappedClass, Models, Role, Unsettled};
use crate::library::Symbol;
use crate::renaming::Reserver;
use crate::values::{ClassId, Project, Value};

/// All that the files of `project` declare.
pub(crate) fn assemble(project: &Project<'_>) -> Models {
    let mut models = Models::default();
    let ids: Vec<ClassId> = project
        .files
        .iter()
        .enumerate()
        .flat_map(|(file, names)| {
            (0..names.collected.classes.len()).map(move |index| ClassId { file, index })
        })
        .collect();
    let mixins = mixins(project, &ids);
    let mut reserver = Reserver::new(project);
    for file in 0..project.files.len() {
        tables(project, file, &mut models);
    }
    let declared: BTreeMap<_, usize> =
        models.tables.iter().enumerate().map(|(index, table)| (table.place, index)).collect();
    for id in ids {
        let facts = project.facts(id);
        let is_model = match facts.role {
            Role::Mixin => mixins.contains(&id),
            Role::Unsettled => names_table(project, id),
            _ => true,
        };
        if !is_model {
            continue;
        }
        let node = project.class(id);
        let place = project.place(id.file, node.node.name_span);
        if facts.role == Role::Unsettled {
            let reason = "only a run would tell whether the class is mapped";
            models.unsettled.push(Unsettled { place, reason });
        }
        let attributes = project.attributes(id);
        let table = own_table(project, id)
            .map(|expr| project.place(id.file, expr))
            .or(Some(place))
            .and_then(|place| declared.get(&place).copied());
        models.classes.push(MappedClass {
            name: node.node.name.as_str().into(),
            place,
            role: facts.role,
            base: if facts.role == Role::Mixin { None } else { facts.base_kind() },
            table,
            attributes: attributes
                .iter()
                .map(|attribute| attribute.declared(project, id.file))
                .collect(),
        });
        reserver.class(id, &facts);
    }
    models.reserved = reserver.finish();
    models.unsettled.sort_by_key(|unsettled| unsettled.place);
    models
}

/// Classes without base that a mapped or abstract class derives from.
fn mixins(project: &Project<'_>, ids: &[ClassId]) -> BTreeSet<ClassId> {
    let mut mixins = BTreeSet::new();
    for id in ids {
        let facts = project.facts(*id);
        if matches!(facts.role, Role::Mapped | Role::Abstract) {
            mixins
                .extend(facts.classes().filter(|class| project.facts(*class).role == Role::Mixin));
        }
    }
    mixins
}

/// The tables of one file, in the order of its text.
fn tables(project: &Project<'_>, file: usize, models: &mut Models) {
    let names = &project.files[file];
    let owners = owners(project, file);
    let mut tables: Vec<DeclaredTable> = Vec::new();
    for index in 0..names.collected.classes.len() {
        tables.extend(project.table_of(ClassId { file, index }));
    }
    for call in &names.collected.calls {
        let Some(mut table) = project.table_called(file, call) else { continue };
        table.class =
            owners.get(&call.expr.span).map(|id| project.class(*id).node.name.as_str().into());
        tables.push(table);
    }
    tables.sort_by_key(|table| table.place);
    for span in &names.collected.in_functions {
        let reason = "declared within a function";
        models.unsettled.push(Unsettled { place: project.place(file, *span), reason });
    }
    for table in &tables {
        let reason = if table.name.is_dynamic() {
            "the name of the table is computed"
        } else if table.metadata.is_dynamic() {
            "only a run would tell which `MetaData` the table belongs to"
        } else if table.schema.is_dynamic() && !table.schema_of_metadata {
            "the schema of the table is computed"
        } else if !table.is_sure {
            "declared under a condition"
        } else {
            continue;
        };
        models.unsettled.push(Unsettled { place: table.place, reason });
    }
    models.tables.append(&mut tables);
}

/// The classes that take a table from a call in their body.
fn owners(project: &Project<'_>, file: usize) -> BTreeMap<diagnostics::Span, ClassId> {
    (0..project.files[file].collected.classes.len())
        .map(|index| ClassId { file, index })
        .filter_map(|id| own_table(project, id).map(|span| (span, id)))
        .collect()
}

/// Where the call of `Table` stands that a class binds to `__table__`.
fn own_table(project: &Project<'_>, id: ClassId) -> Option<diagnostics::Span> {
    let attribute = project.scope(id).attribute("__table__")?;
    let AttributeValue::Expr(value) = attribute.value else { return None };
    let found = project.evaluate(&project.context_at(id, attribute), value);
    let Value::Instance(Symbol::Table, _, call) = found else { return None };
    is_call(value, call).then_some(value.span)
}

fn is_call(expr: &python::Expr, call: &Call) -> bool {
    matches!(&expr.kind, python::ExprKind::Call(other) if std::ptr::eq(&raw const **other, call))
}

fn names_table(project: &Project<'_>, id: ClassId) -> bool {
    project.scope(id).attribute("__tablename__").is_some()
}
