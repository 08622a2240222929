//! `migrate-lint schema`: the schema that the revisions make.

use std::path::Path;

use schema::render::{Document, Unanalysed, ddl, mermaid};

use crate::Outcome;
use crate::arguments::{SchemaArguments, SchemaFormat};
use crate::replayed::One;

pub(crate) fn schema(
    arguments: &SchemaArguments,
    config: Option<&Path>,
    directory: &Path,
) -> Outcome {
    match shown(arguments, config, directory) {
        Ok(outcome) => outcome,
        Err(message) => Outcome::failed(&message),
    }
}

fn shown(
    arguments: &SchemaArguments,
    config: Option<&Path>,
    directory: &Path,
) -> Result<Outcome, String> {
    let one = One::read(&arguments.paths, &arguments.replay, config, directory)?;
    let revisions = one.resolve(arguments.at.as_deref().unwrap_or("heads"))?;
    let schema = one.schema_at(&revisions);
    let not_analysed = one.not_analysed(&revisions);
    let title = one.title(&revisions);
    let mut out = match arguments.format {
        SchemaFormat::Json => {
            let document = Document::of(&schema, &title, &not_analysed);
            let text = serde_json::to_string_pretty(&document).expect("plain values are JSON");
            return Ok(one.outcome(text + "\n"));
        }
        SchemaFormat::Sql => format!("-- schema at {title}, {}\n", schema.dialect().name()),
        SchemaFormat::Mermaid => String::new(),
    };
    let sign = if arguments.format == SchemaFormat::Sql { "--" } else { "%%" };
    for line in Unanalysed::lines(&not_analysed) {
        out.push_str(&format!("{sign} not analysed: {line}\n"));
    }
    if arguments.format == SchemaFormat::Mermaid {
        out.push_str(&mermaid(&schema));
        return Ok(one.outcome(out));
    }
    let statements = ddl(&schema);
    if !statements.is_empty() {
        out.push('\n');
        out.push_str(&statements);
    }
    Ok(one.outcome(out))
}
