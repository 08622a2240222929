//! Python expressions to be written, and how they are broken into lines.

/// A line longer than this is broken, as the common formatter does.
const LONGEST_LINE: usize = 88;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Py {
    /// As it stands.
    Text(String),
    /// `callee(arguments)`
    Call(String, Vec<Py>),
    /// `receiver.method(arguments)` of a call.
    Method(Box<Py>, String, Vec<Py>),
    /// `name=value`
    Named(String, Box<Py>),
    /// `[items]`
    List(Vec<Py>),
}

impl Py {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn named(name: &str, value: Self) -> Self {
        Self::Named(name.to_owned(), Box::new(value))
    }

    pub(super) fn flag(name: &str, value: bool) -> Self {
        Self::named(name, Self::text(if value { "True" } else { "False" }))
    }

    /// On one line.
    pub(super) fn flat(&self) -> String {
        let listed = |items: &[Self]| items.iter().map(Self::flat).collect::<Vec<_>>().join(", ");
        match self {
            Self::Text(text) => text.clone(),
            Self::Call(callee, arguments) => format!("{callee}({})", listed(arguments)),
            Self::Method(receiver, method, arguments) => {
                format!("{}.{method}({})", receiver.flat(), listed(arguments))
            }
            Self::Named(name, value) => format!("{name}={}", value.flat()),
            Self::List(items) => format!("[{}]", listed(items)),
        }
    }

    /// The lines of a statement, `depth` levels below the body of a function.
    pub(super) fn lines(&self, depth: usize, indent: &str) -> Vec<String> {
        let mut lines = Vec::new();
        self.laid_out("", "", depth, indent, &mut lines);
        lines
    }

    fn laid_out(
        &self,
        before: &str,
        after: &str,
        depth: usize,
        indent: &str,
        lines: &mut Vec<String>,
    ) {
        let outer = indent.repeat(depth);
        let line = format!("{outer}{before}{}{after}", self.flat());
        let is_short = line.chars().count() + indent.chars().count() <= LONGEST_LINE;
        let (head, items, tail): (String, &[Self], &str) = match self {
            Self::Call(callee, arguments) if !arguments.is_empty() => {
                (format!("{callee}("), arguments, ")")
            }
            Self::Method(receiver, method, arguments) if !arguments.is_empty() => {
                (format!("{}.{method}(", receiver.flat()), arguments, ")")
            }
            Self::List(items) if !items.is_empty() => ("[".to_owned(), items, "]"),
            Self::Named(name, value) if !is_short => {
                let before = format!("{before}{name}=");
                return value.laid_out(&before, after, depth, indent, lines);
            }
            _ => {
                lines.extend(line.split('\n').map(str::to_owned));
                return;
            }
        };
        if is_short && !line.contains('\n') {
            lines.push(line);
            return;
        }
        lines.push(format!("{outer}{before}{head}"));
        for item in items {
            item.laid_out("", ",", depth + 1, indent, lines);
        }
        lines.push(format!("{outer}{tail}{after}"));
    }
}

#[cfg(test)]
mod tests {
    use super::Py;

    #[test]
    fn long_calls_are_broken_one_argument_a_line() {
        let column =
            Py::Call("sa.Column".into(), vec![Py::text("\"id\""), Py::text("sa.Integer()")]);
        let short = Py::Call("op.f".into(), vec![Py::text("\"a\"")]);
        assert_eq!(short.lines(1, "    "), ["    op.f(\"a\")"]);
        let long = Py::Call(
            "op.create_table".into(),
            vec![Py::text("\"t\""), column.clone(), column.clone(), column],
        );
        assert_eq!(
            long.lines(0, "    "),
            [
                "op.create_table(",
                "    \"t\",",
                "    sa.Column(\"id\", sa.Integer()),",
                "    sa.Column(\"id\", sa.Integer()),",
                "    sa.Column(\"id\", sa.Integer()),",
                ")",
            ]
        );
    }
}
