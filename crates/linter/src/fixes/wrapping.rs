//! Edits that put a call into a block, or give it one more argument.

use diagnostics::{Edit, Place, SourceFile, Span};
use python::{Expr, ExprKind, Module, Stmt, StmtKind, Visitor, walk_module, walk_stmt};

/// A call that stands alone, as a statement.
pub(crate) struct Alone<'a> {
    text: &'a str,
    place: Place,
    indent: &'a str,
    /// `op` of `op.create_index(…)`.
    object: Option<&'a str>,
    /// Whether it is such a call, whose arguments are those of the operation.
    is_operation: bool,
}

impl<'a> Alone<'a> {
    /// The call at `place`, where it is a statement on lines of its own.
    pub(crate) fn of(module: &Module, source: &'a SourceFile, place: Place) -> Option<Self> {
        let mut finder = Finder { span: place.span, found: None };
        walk_module(&mut finder, module);
        let (object, method) = called(finder.found?).unzip();
        let text = source.text();
        let start = place.span.start as usize;
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let indent = &text[line..start];
        let after = text[place.span.end as usize..].chars().find(|char| !" \t\r".contains(*char));
        let is_alone = indent.chars().all(|char| char == ' ' || char == '\t')
            && matches!(after, None | Some('\n' | '#'));
        let is_plain = !text[start..place.span.end as usize].contains("\"\"\"")
            && !text[start..place.span.end as usize].contains("'''");
        let is_operation = method.is_some_and(|method: &str| {
            ["add_", "alter_", "create_", "drop_"].iter().any(|verb| method.starts_with(verb))
        });
        let object = object.map(|object: Span| object.of(text));
        (is_alone && is_plain).then_some(Self { text, place, indent, object, is_operation })
    }

    /// What stands before the name of the function: `op` of `op.create_index(…)`.
    pub(crate) const fn object(&self) -> Option<&'a str> {
        self.object
    }

    /// The call with one more argument, as it is written in one line or in several; `None` where what is
    /// called is something else that comes to the operation, such as `sa.Index(…).create(…)`.
    fn with_argument(&self, argument: &str) -> Option<String> {
        let is_operation = self.is_operation;
        is_operation.then(|| with_argument(self.place.span.of(self.text), argument))?
    }

    /// The call gets one more argument.
    pub(crate) fn adding(&self, argument: &str) -> Option<Edit> {
        Some(Edit::replace(self.place, self.with_argument(argument)?))
    }

    /// The call in a block that commits what came before it, with one more argument.
    pub(crate) fn in_autocommit(&self, argument: Option<&str>) -> Option<Edit> {
        let object = self.object()?;
        let call = match argument {
            Some(argument) => self.with_argument(argument)?,
            None => self.place.span.of(self.text).to_owned(),
        };
        let header = format!("with {object}.get_context().autocommit_block():");
        Some(self.in_block(&header, &call))
    }

    /// The call with a line of the same indentation before it.
    pub(crate) fn preceded_by(&self, line: &str) -> Edit {
        let before = Place::new(self.place.file, Span::point(self.place.span.start));
        Edit::replace(before, format!("{line}\n{}", self.indent))
    }

    /// The call followed by lines of the same indentation.
    pub(crate) fn followed_by(&self, argument: &str, lines: &[String]) -> Option<Edit> {
        let mut text = self.with_argument(argument)?;
        for line in lines {
            text.push('\n');
            text.push_str(self.indent);
            text.push_str(line);
        }
        Some(Edit::replace(self.place, text))
    }

    /// The call in a batch block on the table that its argument at `table` names.
    pub(crate) fn in_batch(&self, table: Span) -> Option<Edit> {
        let object = self.object()?;
        let span = self.place.span;
        if !span.contains(table) || !self.is_operation {
            return None;
        }
        let name = table.of(self.text);
        let is_literal = name.starts_with(['"', '\'']) && !name.contains('\n');
        let call = span.of(self.text);
        let (start, end) = (table.start - span.start, table.end - span.start);
        let call = without_argument(call, start as usize, end as usize)?;
        let call = format!("batch_op{}", call.strip_prefix(object)?);
        let header = format!("with {object}.batch_alter_table({name}) as batch_op:");
        is_literal.then(|| self.in_block(&header, &call))
    }

    fn in_block(&self, header: &str, call: &str) -> Edit {
        let indent = self.indent;
        let call = call.replace("\r\n", "\n").replace('\n', "\n    ");
        Edit::replace(self.place, format!("{header}\n{indent}    {call}"))
    }
}

/// Looks for a statement that is an expression.
struct Finder<'m> {
    span: Span,
    found: Option<&'m Expr>,
}

impl<'m> Visitor<'m> for Finder<'m> {
    fn visit_stmt(&mut self, stmt: &'m Stmt) {
        if let StmtKind::Expr(expr) = &stmt.kind
            && stmt.span == self.span
        {
            self.found = Some(expr);
        }
        walk_stmt(self, stmt);
    }
}

/// Where the object stands, and the name of its method that is called.
fn called(expr: &Expr) -> Option<(Span, &str)> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let ExprKind::Attribute(method) = &call.callee.kind else { return None };
    let is_name = matches!(method.value.kind, ExprKind::Name(_));
    is_name.then(|| (method.value.span, method.name.as_str()))
}

/// A call without the argument that stands there, which is not its last.
fn without_argument(call: &str, start: usize, end: usize) -> Option<String> {
    let before = call.get(..start)?;
    let name = before.trim_end().strip_suffix('=').map(str::trim_end);
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let before = name.map_or(before, |name| name.trim_end_matches(is_part));
    let after = call.get(end..)?.trim_start().strip_prefix(',')?.trim_start();
    let is_last = after == ")" || after.starts_with('#');
    (!is_last).then(|| format!("{before}{after}"))
}

/// A call with one more argument at its end.
pub(crate) fn with_argument(call: &str, argument: &str) -> Option<String> {
    let inner = call.strip_suffix(')')?;
    // A comment at the end would swallow what is added.
    let last = inner.rsplit('\n').find(|line| !line.trim().is_empty())?;
    if last.contains('#') {
        return None;
    }
    let trimmed = inner.trim_end();
    let rest = &inner[trimmed.len()..];
    if let Some(before) = trimmed.strip_suffix(',') {
        if !rest.contains('\n') {
            return Some(format!("{before}, {argument},{rest})"));
        }
        let indent = &last[..last.len() - last.trim_start().len()];
        return Some(format!("{trimmed}\n{indent}{argument},{rest})"));
    }
    let comma = if trimmed.ends_with('(') { "" } else { ", " };
    Some(format!("{trimmed}{comma}{argument}{rest})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_added_in_the_style_of_the_call() {
        let add = |call| with_argument(call, "c=True");
        assert_eq!(add("f(a, b)").as_deref(), Some("f(a, b, c=True)"));
        assert_eq!(add("f()").as_deref(), Some("f(c=True)"));
        let long = "f(\n        a,\n        b,\n    )";
        let added = "f(\n        a,\n        b,\n        c=True,\n    )";
        assert_eq!(add(long).as_deref(), Some(added));
        assert_eq!(add("f(\n    a  # why\n)"), None);
    }

    #[test]
    fn an_argument_is_taken_out_with_its_comma() {
        let call = "f(a, \"t\", c)";
        assert_eq!(without_argument(call, 5, 8).as_deref(), Some("f(a, c)"));
        let call = "f(a, table=\"t\", c=1)";
        assert_eq!(without_argument(call, 11, 14).as_deref(), Some("f(a, c=1)"));
        let call = "f(\n    \"t\",\n    c,\n)";
        assert_eq!(without_argument(call, 7, 10).as_deref(), Some("f(\n    c,\n)"));
        assert_eq!(without_argument("f(a, t)", 5, 6), None);
    }
}
