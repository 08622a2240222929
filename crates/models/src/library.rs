//! The names of `SQLAlchemy`, `Flask-SQLAlchemy` and `SQLModel` that decide what a model file declares.

/// What a name of these libraries stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// `sqlalchemy.orm.DeclarativeBase`
    DeclarativeBase,
    /// `sqlalchemy.orm.DeclarativeBaseNoMeta`
    DeclarativeBaseNoMeta,
    /// `sqlalchemy.orm.declarative_base`
    DeclarativeBaseFunction,
    /// `sqlalchemy.orm.as_declarative`
    AsDeclarative,
    /// `sqlalchemy.orm.DeclarativeMeta`
    DeclarativeMeta,
    /// `sqlalchemy.orm.registry`
    Registry,
    /// `sqlalchemy.orm.mapped_as_dataclass`, `SQLAlchemy` 2.1: takes the registry.
    MappedAsDataclassFunction,
    /// `sqlalchemy.ext.automap.automap_base`
    AutomapBase,
    /// `sqlalchemy.ext.declarative.AbstractConcreteBase`
    AbstractConcreteBase,
    /// `sqlalchemy.ext.declarative.ConcreteBase`
    ConcreteBase,
    /// `sqlalchemy.orm.declared_attr`
    DeclaredAttr,
    /// `sqlalchemy.MetaData`
    MetaData,
    /// `sqlalchemy.Table`
    Table,
    /// `sqlalchemy.Column`
    Column,
    /// `sqlalchemy.orm.mapped_column`
    MappedColumn,
    /// `sqlalchemy.orm.Mapped` and its kin
    Mapped,
    /// `sqlalchemy.orm.relationship`
    Relationship,
    /// `sqlalchemy.orm.synonym`
    Synonym,
    /// `sqlalchemy.orm.column_property` and other properties
    Property,
    /// `sqlalchemy.PrimaryKeyConstraint`
    PrimaryKeyConstraint,
    /// `sqlalchemy.schema.BLANK_SCHEMA`
    BlankSchema,
    /// `flask_sqlalchemy.SQLAlchemy`
    Flask,
    /// `sqlmodel.SQLModel`
    SqlModel,
    /// `sqlmodel.Field`
    Field,
    /// `sqlmodel.Relationship`
    FieldRelationship,
    /// `typing.ClassVar`
    ClassVar,
    /// A class that changes nothing here when a model derives from it.
    Harmless,
    /// A base class that lets every table be declared again.
    ExtendingBase,
}

/// Packages whose classes say nothing about tables: of the standard library, and mixins often seen
/// beside a base. Those of `SQLAlchemy` itself are told apart by name.
const HARMLESS_PACKAGES: [&str; 24] = [
    "abc",
    "builtins",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "flask_bcrypt",
    "flask_login",
    "flask_security",
    "json",
    "logging",
    "numbers",
    "oslo_db",
    "pathlib",
    "pydantic",
    "sqlalchemy_serializer",
    "sqlalchemy_utils",
    "string",
    "typing",
    "typing_extensions",
    "uuid",
    "werkzeug",
];

/// The symbol with this dotted name, however it was imported.
pub(crate) fn symbol(dotted: &str) -> Option<Symbol> {
    let (package, rest) = dotted.split_once('.')?;
    let name = rest.rsplit('.').next().unwrap_or(rest);
    match package {
        "sqlalchemy" => sqlalchemy(name),
        "sqlmodel" => match name {
            "SQLModel" => Some(Symbol::SqlModel),
            "Field" => Some(Symbol::Field),
            "Relationship" => Some(Symbol::FieldRelationship),
            _ => sqlalchemy(name),
        },
        "flask_sqlalchemy" => match name {
            "SQLAlchemy" => Some(Symbol::Flask),
            "Model" => Some(Symbol::Harmless),
            _ => None,
        },
        "flask_appbuilder" if name == "Model" => Some(Symbol::ExtendingBase),
        "flask_appbuilder" if rest.contains("mixins") => Some(Symbol::Harmless),
        "typing" | "typing_extensions" if name == "ClassVar" => Some(Symbol::ClassVar),
        // `fsqla` has mixins with columns and names of tables.
        "flask_security" if rest.contains("fsqla") => None,
        _ if HARMLESS_PACKAGES.binary_search(&package).is_ok() => Some(Symbol::Harmless),
        _ => None,
    }
}

fn sqlalchemy(name: &str) -> Option<Symbol> {
    Some(match name {
        "DeclarativeBase" => Symbol::DeclarativeBase,
        "DeclarativeBaseNoMeta" => Symbol::DeclarativeBaseNoMeta,
        "declarative_base" => Symbol::DeclarativeBaseFunction,
        "as_declarative" => Symbol::AsDeclarative,
        "DeclarativeMeta" => Symbol::DeclarativeMeta,
        "registry" => Symbol::Registry,
        "mapped_as_dataclass" => Symbol::MappedAsDataclassFunction,
        "automap_base" => Symbol::AutomapBase,
        "AbstractConcreteBase" => Symbol::AbstractConcreteBase,
        "ConcreteBase" => Symbol::ConcreteBase,
        "declared_attr" => Symbol::DeclaredAttr,
        "MetaData" => Symbol::MetaData,
        "Table" => Symbol::Table,
        "Column" => Symbol::Column,
        "mapped_column" => Symbol::MappedColumn,
        "Mapped" | "DynamicMapped" | "WriteOnlyMapped" => Symbol::Mapped,
        "relationship" | "relation" | "dynamic_loader" => Symbol::Relationship,
        "synonym" => Symbol::Synonym,
        "column_property"
        | "composite"
        | "deferred"
        | "query_expression"
        | "orm_insert_sentinel" => Symbol::Property,
        "PrimaryKeyConstraint" => Symbol::PrimaryKeyConstraint,
        "BLANK_SCHEMA" => Symbol::BlankSchema,
        "AsyncAttrs" | "DeferredReflection" | "MappedAsDataclass" => Symbol::Harmless,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_known_by_every_road() {
        for dotted in ["sqlalchemy.Column", "sqlalchemy.schema.Column", "sqlmodel.Column"] {
            assert_eq!(symbol(dotted), Some(Symbol::Column));
        }
        assert_eq!(symbol("pandas.Column"), None);
        assert_eq!(symbol("sqlalchemy"), None);
    }

    #[test]
    fn harmless_packages_are_sorted() {
        assert!(HARMLESS_PACKAGES.is_sorted());
        assert_eq!(symbol("flask_login.UserMixin"), Some(Symbol::Harmless));
    }
}
