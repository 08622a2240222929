//! What a `MetaData` holds: the tables that were made with it, directly or by declarative classes.

use std::rc::Rc;

use diagnostics::FileId;
use python::interpret::{Answer, Arguments, Class, Foreign, Object, Shape, Site, Text};

use super::super::library::Library;
use super::super::lower;
use super::super::value::{Call, Given, Value};
use super::library::nothing;
use super::{Replaying, models, objects};

/// How far a `MetaData` is followed to where it was made.
const FARTHEST: u32 = 16;

/// What was made with a `MetaData`, in the order in which it was made.
#[derive(Debug, Default)]
pub(super) struct Declared<'t> {
    items: Vec<Item<'t>>,
    /// How many of them the module makes when it is loaded.
    of_module: Option<usize>,
    /// Those that were told what stands in the database.
    reflected: Vec<Root>,
    /// The classes of other files, which are run once for all revisions.
    pub(super) models: Models<'t>,
}

/// Declarative classes.
pub(in super::super) type Models<'t> = Vec<Rc<Class<'t>>>;

#[derive(Debug)]
struct Item<'t> {
    made: Made<'t>,
    site: Site,
    /// Whether it is made is not sure.
    is_uncertain: bool,
}

#[derive(Debug)]
enum Made<'t> {
    /// `Table(name, metadata, …)`
    Table(Arguments<'t>),
    /// `Index(name, table.c.column)`
    Index(Arguments<'t>),
    Class(Rc<Class<'t>>),
}

/// What a `MetaData` is known by: where the object lies that made it, and the file that did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Root {
    address: usize,
    file: FileId,
}

impl<'t> Declared<'t> {
    /// Another run begins, with what the module made.
    pub(super) fn begin(&mut self) {
        let count = *self.of_module.get_or_insert(self.items.len());
        self.items.truncate(count);
        self.reflected.clear();
    }

    /// `Table(…)` or `Index(…)` is called.
    pub(super) fn made(
        &mut self,
        class: &str,
        given: &Arguments<'t>,
        is_uncertain: bool,
        site: Site,
    ) {
        let made = match class {
            "Table" => Made::Table(given.clone()),
            "Index" => Made::Index(given.clone()),
            _ => return,
        };
        self.items.push(Item { made, site, is_uncertain });
    }

    /// A class is defined.
    pub(super) fn class(
        &mut self,
        class: &Rc<Class<'t>>,
        file: FileId,
        is_uncertain: bool,
        site: Site,
    ) {
        let is_table = class.attributes().iter().any(|(name, _)| &**name == "__tablename__");
        if is_table && class.place.file != file {
            self.models.push(Rc::clone(class));
        } else if is_table {
            self.items.push(Item { made: Made::Class(Rc::clone(class)), site, is_uncertain });
        }
    }

    /// The name in `ForeignKey` of the column of a declarative class that is handed over.
    pub(super) fn owner(&self, given: &Arguments<'t>, site: Site) -> Option<String> {
        let Object::Foreign(column) = &given.get(0, "column")?.value else { return None };
        let (name, arguments) = column.called()?;
        if !matches!(Library::of(name), Library::Core("Column" | "mapped_column")) {
            return None;
        }
        let named = |(name, object): (Text<'t>, Object<'t>)| {
            let is_it = matches!(&object, Object::Foreign(one) if Rc::ptr_eq(one, column));
            is_it.then_some(name)
        };
        let classes = self.items.iter().rev().filter_map(|item| match &item.made {
            Made::Class(class) => Some(class),
            _ => None,
        });
        let (class, attribute) = classes
            .chain(self.models.iter().rev())
            .find_map(|class| Some((class, class.attributes().into_iter().find_map(named)?)))?;
        let table = Value::of(&models::table_of_class(class, site)?, site.place);
        let table = lower::table_of(table.called()?.1)?;
        let schema = table.schema.map(|schema| format!("{schema}.")).unwrap_or_default();
        let own = arguments.at(0).and_then(|one| one.value.as_str());
        Some(format!("{schema}{}.{}", table.name, own.unwrap_or(&attribute)))
    }

    /// `metadata.reflect(…)`
    pub(super) fn reflected(&mut self, metadata: &Object<'t>) {
        self.reflected.extend(root(metadata));
    }

    /// The tables and the indexes beside them; `None` where they are not all known.
    fn of(&self, metadata: &Object<'t>, file: FileId) -> Option<(Vec<Value>, Vec<Value>)> {
        let root = root(metadata).filter(|root| root.file == file)?;
        if self.reflected.contains(&root) {
            return None;
        }
        let (mut tables, mut indexes) = (Vec::new(), Vec::new());
        for Item { made, site, is_uncertain } in &self.items {
            let table = match made {
                Made::Table(given) => {
                    let of = given.get(1, "metadata").map(|one| self::root(&one.value));
                    if of.flatten() != Some(root) {
                        continue;
                    }
                    as_value("sqlalchemy.Table", given, *site)
                }
                Made::Class(class) => {
                    if of_class(class, FARTHEST) != Some(root) {
                        continue;
                    }
                    Value::of(&models::table_of_class(class, *site)?, site.place)
                }
                Made::Index(given) => {
                    indexes.push(as_value("sqlalchemy.Index", given, *site));
                    continue;
                }
            };
            if *is_uncertain {
                return None;
            }
            tables.push(table);
        }
        Some((tables, indexes))
    }
}

fn as_value(name: &str, given: &Arguments<'_>, site: Site) -> Value {
    let callee = Value::Name(name.into());
    let call = Call { callee, given: Given::of(given), place: site.place };
    Value::Call(std::sync::Arc::new(call))
}

/// Whether an object is a `MetaData`.
pub(super) fn is_metadata(object: &Object<'_>) -> bool {
    let Object::Foreign(foreign) = object else { return false };
    match &foreign.shape {
        Shape::Attribute(_, name) => &**name == "metadata",
        Shape::Name(name) => name.ends_with(".metadata"),
        _ => is_made(foreign),
    }
}

/// `MetaData()`
fn is_made(foreign: &Foreign<'_>) -> bool {
    foreign.called().is_some_and(|(name, _)| Library::of(name) == Library::Core("MetaData"))
}

fn root(metadata: &Object<'_>) -> Option<Root> {
    followed(metadata, FARTHEST)
}

fn followed(metadata: &Object<'_>, left: u32) -> Option<Root> {
    let left = left.checked_sub(1)?;
    let Object::Foreign(foreign) = metadata else { return None };
    match &foreign.shape {
        Shape::Attribute(owner, name) if &**name == "metadata" => match owner {
            Object::Class(class) => of_class(class, left),
            owner => of_base(owner, left),
        },
        Shape::Call(..) if is_made(foreign) => Some(of_foreign(foreign)),
        _ => None,
    }
}

/// The metadata of what `declarative_base()` or `registry()` gave.
fn of_base(base: &Object<'_>, left: u32) -> Option<Root> {
    let Object::Foreign(foreign) = base else { return None };
    let Shape::Call(_, given) = &foreign.shape else { return None };
    match given.keyword("metadata") {
        Some(metadata) => followed(&metadata.value, left),
        None => Some(of_foreign(foreign)),
    }
}

/// The metadata of a declarative class: what it or a class above it binds, else that of the class
/// at the top, else of what a call gave that stands there.
fn of_class(class: &Rc<Class<'_>>, left: u32) -> Option<Root> {
    let left = left.checked_sub(1)?;
    if let Some(metadata) = class.find("metadata") {
        return followed(&metadata, left);
    }
    let mut roots = Vec::new();
    for one in std::iter::once(class).chain(class.ancestors()) {
        for base in &one.bases {
            match base {
                Object::Foreign(foreign) => match foreign.name() {
                    Some(name) => {
                        let class = Library::of(name).class();
                        if class == Some("DeclarativeBase")
                            || class == Some("DeclarativeBaseNoMeta")
                        {
                            let address = Rc::as_ptr(one).cast::<u8>() as usize;
                            roots.push(Root { address, file: one.place.file });
                        }
                    }
                    None => roots.push(of_base(base, left)?),
                },
                Object::Class(_) | Object::Builtin(_) => {}
                _ => return None,
            }
        }
    }
    roots.dedup();
    match roots.as_slice() {
        [root] => Some(*root),
        _ => None,
    }
}

fn of_foreign(foreign: &Foreign<'_>) -> Root {
    Root { address: std::ptr::from_ref(foreign).cast::<u8>() as usize, file: foreign.place.file }
}

/// `metadata.create_all(bind)`, `metadata.drop_all(bind, tables=[…])`
pub(super) fn all<'t>(
    host: &mut Replaying<'_, '_, 't>,
    metadata: &Object<'t>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    let is_create = method == "create_all";
    let check = arguments.get(2, "checkfirst").map_or(Some(true), |one| one.value.as_bool());
    let given = arguments.get(1, "tables").filter(|one| !matches!(one.value, Object::None));
    let found = match given {
        Some(tables) => {
            let tables = Value::of(&tables.value, site.place).items().map(<[Value]>::to_vec);
            tables.map(|tables| (tables, Vec::new()))
        }
        None => host.declared.of(metadata, host.file()),
    };
    let Some((tables, indexes)) = found else {
        host.blind(site.entry, &format!("which tables `{method}` takes is not known"), None);
        return nothing();
    };
    let mut calls: Vec<&Call> = Vec::with_capacity(tables.len());
    for table in &tables {
        match table.called() {
            Some((name, call)) if Library::of(name) == Library::Core("Table") => calls.push(call),
            _ => {
                let why = format!("a table that `{method}` takes is not known");
                host.blind(site.entry, &why, None);
            }
        }
    }
    let mut calls = in_order(&calls);
    if !is_create {
        calls.reverse();
    }
    for call in calls {
        objects::run_table(host, call, is_create, check, site);
        for index in indexes.iter().filter_map(Value::called).filter(|_| is_create) {
            let columns = index.1.given.positional.iter().skip(1);
            let mut of = columns.filter_map(|one| lower::table_of_column(&one.value));
            if of.next().is_some_and(|name| Some(name) == lower::table_of(call)) {
                objects::run_index(host, index.1, true, check, site);
            }
        }
    }
    nothing()
}

/// Tables after those that they refer to, as SQLAlchemy sorts them; those that refer to each other
/// stay as they are.
fn in_order<'c>(tables: &[&'c Call]) -> Vec<&'c Call> {
    let names: Vec<_> = tables.iter().map(|table| lower::table_of(table)).collect();
    let needs: Vec<Vec<usize>> = tables
        .iter()
        .enumerate()
        .map(|(at, table)| {
            let referred = lower::referred_tables(table);
            let is_needed = |other: &usize| {
                *other != at && referred.iter().any(|name| names[*other].as_ref() == Some(name))
            };
            (0..tables.len()).filter(is_needed).collect()
        })
        .collect();
    let mut sorted: Vec<usize> = Vec::with_capacity(tables.len());
    let mut is_done = vec![false; tables.len()];
    while sorted.len() < tables.len() {
        let ready: Vec<usize> = (0..tables.len())
            .filter(|at| !is_done[*at] && needs[*at].iter().all(|other| is_done[*other]))
            .collect();
        let next = if ready.is_empty() {
            (0..tables.len()).filter(|at| !is_done[*at]).collect()
        } else {
            ready
        };
        for at in next {
            is_done[at] = true;
            sorted.push(at);
        }
    }
    sorted.into_iter().map(|at| tables[at]).collect()
}
