//! Our tree in the words of `oracle.py`.

use diagnostics::Span;
use python::{
    Expr, ExprKind, Keyword, Module, Stmt, StmtKind, Visitor, walk_expr, walk_module, walk_stmt,
};

/// A line for each node that the visitor meets, as the script prints it.
pub(crate) fn list(module: &Module) -> Vec<String> {
    let mut listing = Listing::default();
    walk_module(&mut listing, module);
    listing.lines
}

#[derive(Default)]
struct Listing {
    lines: Vec<String>,
}

impl Listing {
    fn push(&mut self, kind: &str, span: Span, detail: &str) {
        self.lines.push(format!("{kind} {} {} {detail}", span.start, span.end));
    }

    fn push_keywords(&mut self, keywords: &[Keyword]) {
        for keyword in keywords {
            self.push("keyword", keyword.span, keyword.name.as_deref().unwrap_or("None"));
        }
    }
}

impl<'a> Visitor<'a> for Listing {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let (kind, detail) = statement(&stmt.kind);
        self.push(kind, stmt.span, &detail);
        match &stmt.kind {
            StmtKind::Class(class) => self.push_keywords(&class.keywords),
            StmtKind::Try(tried) => {
                for handler in &tried.handlers {
                    let name = handler.name.as_deref().unwrap_or("None");
                    self.push("ExceptHandler", handler.span, name);
                }
            }
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    let asname = alias.asname.as_deref().unwrap_or("None");
                    self.push("alias", alias.span, &format!("{}:{asname}", alias.name));
                }
            }
            StmtKind::ImportFrom(import) => {
                for alias in &import.names {
                    let asname = alias.asname.as_deref().unwrap_or("None");
                    self.push("alias", alias.span, &format!("{}:{asname}", alias.name));
                }
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let (kind, detail) = expression(&expr.kind);
        self.push(kind, expr.span, &detail);
        if let ExprKind::Call(call) = &expr.kind {
            self.push_keywords(&call.keywords);
        }
        if !matches!(expr.kind, ExprKind::FString(_)) {
            walk_expr(self, expr);
        }
    }
}

fn statement(kind: &StmtKind) -> (&'static str, String) {
    let kind = match kind {
        StmtKind::Function(node) => {
            let kind = if node.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
            return (kind, node.name.to_string());
        }
        StmtKind::Class(node) => return ("ClassDef", node.name.to_string()),
        StmtKind::AugAssign(node) => return ("AugAssign", format!("{:?}", node.operator)),
        StmtKind::ImportFrom(node) => {
            let module = node.module.as_deref().unwrap_or("None");
            return ("ImportFrom", format!("{module}:{}", node.level));
        }
        StmtKind::Global(names) => return ("Global", names.join(",")),
        StmtKind::Nonlocal(names) => return ("Nonlocal", names.join(",")),
        StmtKind::For(node) if node.is_async => "AsyncFor",
        StmtKind::With(node) if node.is_async => "AsyncWith",
        StmtKind::Try(node) if node.is_star => "TryStar",
        StmtKind::Return(_) => "Return",
        StmtKind::Delete(_) => "Delete",
        StmtKind::Assign(_) => "Assign",
        StmtKind::AnnAssign(_) => "AnnAssign",
        StmtKind::TypeAlias(_) => "TypeAlias",
        StmtKind::For(_) => "For",
        StmtKind::While(_) => "While",
        StmtKind::If(_) => "If",
        StmtKind::With(_) => "With",
        StmtKind::Match(_) => "Match",
        StmtKind::Raise(_) => "Raise",
        StmtKind::Try(_) => "Try",
        StmtKind::Assert(_) => "Assert",
        StmtKind::Import(_) => "Import",
        StmtKind::Expr(_) => "Expr",
        StmtKind::Pass => "Pass",
        StmtKind::Break => "Break",
        StmtKind::Continue => "Continue",
    };
    (kind, String::new())
}

fn expression(kind: &ExprKind) -> (&'static str, String) {
    let kind = match kind {
        ExprKind::None => return ("Constant", "None".to_owned()),
        ExprKind::Ellipsis => return ("Constant", "Ellipsis".to_owned()),
        ExprKind::Bool(true) => return ("Constant", "True".to_owned()),
        ExprKind::Bool(false) => return ("Constant", "False".to_owned()),
        ExprKind::Int(value) => return ("Constant", format!("int:{value}")),
        ExprKind::BigInt => return ("Constant", "int".to_owned()),
        ExprKind::Float(value) => return ("Constant", format!("float:{:x}", value.to_bits())),
        ExprKind::Imaginary(value) => {
            return ("Constant", format!("imaginary:{:x}", value.to_bits()));
        }
        ExprKind::Str(value) => {
            return ("Constant", format!("str:{}", checksum(value.chars().map(u64::from))));
        }
        ExprKind::Bytes(value) => {
            let bytes = value.iter().map(|&byte| u64::from(byte));
            return ("Constant", format!("bytes:{}", checksum(bytes)));
        }
        ExprKind::Name(name) => return ("Name", name.to_string()),
        ExprKind::Attribute(node) => return ("Attribute", node.name.to_string()),
        ExprKind::Binary(node) => return ("BinOp", format!("{:?}", node.operator)),
        ExprKind::Unary(node) => return ("UnaryOp", format!("{:?}", node.operator)),
        ExprKind::Logical(node) => {
            return ("BoolOp", if node.is_and { "And" } else { "Or" }.to_owned());
        }
        ExprKind::Compare(node) => {
            let operators: Vec<_> = node.rest.iter().map(|(op, _)| format!("{op:?}")).collect();
            return ("Compare", operators.join(","));
        }
        ExprKind::Comprehension(node) => match node.kind {
            python::ComprehensionKind::List => "ListComp",
            python::ComprehensionKind::Set => "SetComp",
            python::ComprehensionKind::Dict => "DictComp",
            python::ComprehensionKind::Generator => "GeneratorExp",
        },
        ExprKind::FString(_) => "JoinedStr",
        ExprKind::TString(_) => "TemplateStr",
        ExprKind::Subscript(_) => "Subscript",
        ExprKind::Call(_) => "Call",
        ExprKind::Starred(_) => "Starred",
        ExprKind::Tuple(_) => "Tuple",
        ExprKind::List(_) => "List",
        ExprKind::Set(_) => "Set",
        ExprKind::Dict(_) => "Dict",
        ExprKind::Conditional(_) => "IfExp",
        ExprKind::Lambda(_) => "Lambda",
        ExprKind::Walrus(_) => "NamedExpr",
        ExprKind::Await(_) => "Await",
        ExprKind::Yield(_) => "Yield",
        ExprKind::YieldFrom(_) => "YieldFrom",
        ExprKind::Slice(_) => "Slice",
    };
    (kind, String::new())
}

fn checksum(values: impl Iterator<Item = u64>) -> String {
    let mut count = 0;
    let mut total = 0u64;
    for value in values {
        count += 1;
        total = total.wrapping_add(value.wrapping_mul(count));
    }
    format!("{count}/{total}")
}
