//! Types of other packages that migrations often name.

use sql::{Dialect, SqlType};

use super::types::{Resolved, Unprintable, plain, with};
use super::value::Value;

/// What is printed for a type of another package; by its name, as the packages declare it.
pub(super) fn ddl(resolved: &Resolved<'_>, dialect: Dialect) -> Result<SqlType, Unprintable> {
    let dynamic = Err(Unprintable::Dynamic(resolved.place));
    let is_postgres = dialect == Dialect::PostgreSql;
    let varchar = |length: i64| with("VARCHAR", vec![length.to_string().into()]);
    let number = |index: usize, name: &str| resolved.get(index, name).and_then(Value::as_int);
    Ok(match resolved.class {
        "AutoString" => match number(0, "length") {
            Some(length) => varchar(length),
            None if dialect == Dialect::MySql => varchar(255),
            None => plain("VARCHAR"),
        },
        "GUID" if is_postgres => plain("UUID"),
        "GUID" => with("CHAR", vec!["36".into()]),
        "TIMESTAMPAware" if is_postgres => plain("TIMESTAMP WITH TIME ZONE"),
        "UUIDType"
            if is_postgres && resolved.get(1, "native").and_then(Value::truth) != Some(false) =>
        {
            plain("UUID")
        }
        "UUIDType" if resolved.get(0, "binary").and_then(Value::truth) == Some(false) => {
            with("CHAR", vec!["32".into()])
        }
        "UUIDType" => with("BINARY", vec!["16".into()]),
        "JSONType" if is_postgres => plain("JSON"),
        "JSONType" | "URLType" | "ScalarListType" | "AsaList" => plain("TEXT"),
        "EmailType" | "ChoiceType"
            if resolved.given.is_none_or(|given| given.keyword("impl").is_none()) =>
        {
            varchar(number(0, "length").filter(|_| resolved.class == "EmailType").unwrap_or(255))
        }
        "IPAddressType" | "TimezoneType" => varchar(50),
        "CountryType" => varchar(2),
        "CurrencyType" => varchar(3),
        "LocaleType" => varchar(10),
        "ColorType" | "PhoneNumberType" => varchar(number(0, "max_length").unwrap_or(20)),
        "ArrowType" if is_postgres => plain("TIMESTAMP WITHOUT TIME ZONE"),
        "ArrowType" => plain("DATETIME"),
        "TSVectorType" if is_postgres => plain("TSVECTOR"),
        "LtreeType" if is_postgres => plain("LTREE"),
        "Vector" | "VECTOR" | "HALFVEC" | "SPARSEVEC" => {
            let dimensions = number(0, "dim").map(|number| number.to_string().into());
            with(&resolved.class.to_uppercase(), dimensions.into_iter().collect())
        }
        "Geometry" | "Geography" if is_postgres => {
            let word = |value: &Value| value.as_str().map(Box::from);
            let kind: Box<str> = resolved
                .get(0, "geometry_type")
                .map_or_else(|| Some("GEOMETRY".into()), word)
                .ok_or(Unprintable::Dynamic(resolved.place))?;
            let srid = number(1, "srid").unwrap_or(-1).to_string();
            with(&resolved.class.to_lowercase(), vec![kind, srid.into()])
        }
        _ => return dynamic,
    })
}
