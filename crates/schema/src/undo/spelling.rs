//! Names and values as a file spells them, with the imports that it lacks for that.

use std::collections::BTreeSet;

use super::Style;
use super::call::Py;
use super::text::quoted;
use crate::replay::{Call, Library, Value};

/// How deep a value that is spelled may be.
const DEEPEST: u32 = 12;

/// Spells for one file.
pub(super) struct Speller<'s> {
    pub(super) style: &'s Style<'s>,
    pub(super) imports: BTreeSet<String>,
}

impl Speller<'_> {
    pub(super) fn quoted(&self, text: &str) -> String {
        quoted(text, self.style.quote)
    }

    pub(super) fn string(&self, text: &str) -> Py {
        Py::text(self.quoted(text))
    }

    pub(super) fn strings<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Py {
        Py::List(texts.into_iter().map(|text| self.string(text)).collect())
    }

    /// How the file spells what lies at a dotted path, with an import where it needs one; `None`
    /// where a name that it takes stands for something else.
    pub(super) fn path(&mut self, path: &str) -> Option<String> {
        // `import sqlalchemy` alone does not bring the dialects along.
        let spelling = self.style.names.spelling(path);
        if let Some(spelling) = spelling.filter(|one| !one.contains(".dialects.")) {
            return Some(spelling);
        }
        let (_, last) = path.rsplit_once('.')?;
        let (name, import, spelled) = match Library::of(path) {
            Library::PostgreSql(_) | Library::MySql(_) | Library::Sqlite(_) => {
                let dialect = path.split('.').nth(2)?;
                let import = format!("from sqlalchemy.dialects import {dialect}");
                (dialect.to_owned(), import, format!("{dialect}.{last}"))
            }
            // What else SQLModel offers is SQLAlchemy's.
            Library::Core("AutoString") => {
                let (module, class) = ("sqlmodel.sql.sqltypes", "AutoString");
                let spelled = format!("{module}.{class}");
                ("sqlmodel".to_owned(), format!("import {module}"), spelled)
            }
            Library::Core(_) | Library::Func(_) => {
                let is_function = matches!(Library::of(path), Library::Func(_));
                let spelled = if is_function { format!("func.{last}") } else { last.to_owned() };
                if let Some(known) = self.style.names.spelling("sqlalchemy") {
                    return Some(format!("{known}.{spelled}"));
                }
                ("sa".to_owned(), "import sqlalchemy as sa".to_owned(), format!("sa.{spelled}"))
            }
            Library::Op(_) => {
                let import = "from alembic import op".to_owned();
                ("op".to_owned(), import, format!("op.{last}"))
            }
            _ => {
                let (module, _) = path.rsplit_once('.')?;
                let top = module.split('.').next()?;
                (top.to_owned(), format!("import {module}"), path.to_owned())
            }
        };
        let is_known = self.style.names.get(&name).is_some();
        if is_known || self.style.taken.contains(&name) {
            return None;
        }
        self.imports.insert(import);
        Some(spelled)
    }

    /// `sa.…`
    pub(super) fn core(&mut self, class: &str, arguments: Vec<Py>) -> Option<Py> {
        Some(Py::Call(self.path(&format!("sqlalchemy.{class}"))?, arguments))
    }

    /// A value as Python that makes it; `None` where it is of the project, or not known.
    pub(super) fn value(&mut self, value: &Value) -> Option<Py> {
        self.nested(value, DEEPEST)
    }

    fn nested(&mut self, value: &Value, depth: u32) -> Option<Py> {
        let depth = depth.checked_sub(1)?;
        Some(match value {
            Value::None => Py::text("None"),
            Value::Bool(value) => Py::text(if *value { "True" } else { "False" }),
            Value::Int(value) => Py::text(value.to_string()),
            Value::Str(text) => self.string(text),
            Value::List(items) => {
                Py::List(items.iter().map(|one| self.nested(one, depth)).collect::<Option<_>>()?)
            }
            Value::Name(name) => Py::text(self.path(name)?),
            Value::Call(call) => self.call(value, call, depth)?,
            _ => return None,
        })
    }

    fn call(&mut self, value: &Value, call: &Call, depth: u32) -> Option<Py> {
        if call.given.open.is_some() {
            return None;
        }
        let mut arguments = Vec::new();
        for argument in &call.given.positional {
            arguments.push(self.nested(&argument.value, depth)?);
        }
        for (name, argument) in &call.given.keywords {
            arguments.push(Py::named(name, self.nested(&argument.value, depth)?));
        }
        if let Some((object, method, _)) = value.method() {
            let object = self.nested(object, depth)?;
            return Some(Py::Method(Box::new(object), method.to_owned(), arguments));
        }
        let Value::Name(name) = &call.callee else { return None };
        Some(Py::Call(self.path(name)?, arguments))
    }
}
