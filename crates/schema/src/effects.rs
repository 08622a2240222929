//! Whether a function does anything to the schema, as far as its text says.

use python::{Expr, ExprKind};

use crate::operations::keyword;
use crate::roles::{Role, is_sqlalchemy};
use crate::{Kind, Operation, Script, SqlEffect};

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Neither schema nor rows change.
    Nothing,
    /// Rows change, the schema does not.
    ChangesData,
    /// The schema changes whenever the function comes to its end.
    ChangesSchema,
    /// Only a run would tell.
    Unknown,
}

impl<'a> Script<'a> {
    /// What the function does.
    pub fn effect(&self) -> Effect {
        if self.sure_change().is_some() {
            return Effect::ChangesSchema;
        }
        let effects = self.operations.iter().map(|operation| self.effect_of(operation));
        match effects.max().unwrap_or(SqlEffect::Nothing) {
            SqlEffect::Nothing if self.opaque.is_empty() => Effect::Nothing,
            SqlEffect::Data if self.opaque.is_empty() => Effect::ChangesData,
            _ => Effect::Unknown,
        }
    }

    /// The first operation that surely changes the schema, and that the function does not itself
    /// undo.
    pub fn sure_change(&self) -> Option<&Operation<'a>> {
        self.operations.iter().find(|operation| {
            operation.is_certain()
                && self.effect_of(operation) == SqlEffect::Schema
                && !self.is_undone(operation)
        })
    }

    /// What one operation does where it runs.
    fn effect_of(&self, operation: &Operation<'a>) -> SqlEffect {
        let may_find_it_done = ["if_exists", "if_not_exists", "checkfirst"]
            .iter()
            .any(|name| keyword(operation.call, name).is_some_and(|value| !is_false(value)));
        match operation.kind {
            Kind::AlterColumn if !changes_a_facet(operation) => SqlEffect::Nothing,
            Kind::Execute => self.effect_of_statement(operation),
            Kind::BulkInsert | Kind::Session => SqlEffect::Data,
            Kind::Invoke | Kind::RunAsync | Kind::Other(_) | Kind::CreateEnum | Kind::DropEnum => {
                SqlEffect::Unknown
            }
            _ if may_find_it_done => SqlEffect::Unknown,
            _ => SqlEffect::Schema,
        }
    }

    fn effect_of_statement(&self, operation: &Operation<'a>) -> SqlEffect {
        let Some(statement) = operation.statement() else { return SqlEffect::Unknown };
        match self.roles.text(statement) {
            Some(text) => SqlEffect::of(&text),
            None => self.effect_of_expression(statement),
        }
    }

    /// `users.update().where(…)`, `sa.insert(users)`, `select(…)`, `CreateSequence(…)`.
    fn effect_of_expression(&self, expression: &'a Expr) -> SqlEffect {
        let ExprKind::Call(call) = &expression.kind else { return SqlEffect::Unknown };
        if let Some(path) = self.roles.path(&call.callee)
            && is_sqlalchemy(&path)
        {
            return match path.rsplit('.').next().unwrap_or_default() {
                "insert" | "update" | "delete" => SqlEffect::Data,
                "select" => SqlEffect::Nothing,
                "CreateSequence" | "DropSequence" | "CreateSchema" | "DropSchema"
                | "CreateTable" | "DropTable" | "CreateIndex" | "DropIndex" => SqlEffect::Schema,
                _ => SqlEffect::Unknown,
            };
        }
        let ExprKind::Attribute(attribute) = &call.callee.kind else { return SqlEffect::Unknown };
        match attribute.name.as_str() {
            "insert" | "update" | "delete" => SqlEffect::Data,
            "select" => SqlEffect::Nothing,
            _ => self.effect_of_expression(&attribute.value),
        }
    }

    /// Whether a table that the function creates is dropped by it again, or the other way round.
    fn is_undone(&self, operation: &Operation<'a>) -> bool {
        let opposite = match operation.kind {
            Kind::CreateTable => Kind::DropTable,
            Kind::DropTable => Kind::CreateTable,
            _ => return self.is_on_passing_table(operation),
        };
        let Some(table) = self.table_text(operation) else { return false };
        self.operations
            .iter()
            .any(|other| other.kind == opposite && self.table_text(other) == Some(table))
    }

    /// Whether the table of the operation is created and dropped, or renamed, by the function.
    fn is_on_passing_table(&self, operation: &Operation<'a>) -> bool {
        let Some(table) = self.table_text(operation) else { return false };
        let any = |kind: &Kind| {
            self.operations
                .iter()
                .any(|other| other.kind == *kind && self.table_text(other) == Some(table))
        };
        any(&Kind::CreateTable) && any(&Kind::DropTable)
    }

    fn table_text(&self, operation: &Operation<'a>) -> Option<&'a str> {
        let table = self.table(operation)?;
        match &table.kind {
            ExprKind::Str(text) => Some(text),
            _ => match self.roles.role(table)? {
                Role::Text(Expr { kind: ExprKind::Str(text), .. }) => Some(text),
                _ => None,
            },
        }
    }
}

/// What `alter_column` can change; without one of them it renders no SQL.
pub(crate) const FACETS: [&str; 6] =
    ["nullable", "server_default", "new_column_name", "type_", "comment", "autoincrement"];

fn changes_a_facet(operation: &Operation<'_>) -> bool {
    operation.has_hidden_arguments()
        || FACETS.iter().any(|facet| keyword(operation.call, facet).is_some())
}

fn is_false(expression: &Expr) -> bool {
    matches!(expression.kind, ExprKind::Bool(false) | ExprKind::None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use python::StmtKind;

    fn effect(body: &str) -> Effect {
        let text = format!(
            "from alembic import op\nimport sqlalchemy as sa\nSQL = 'ALTER TABLE a ADD b int'\n\
             def upgrade():\n    {body}\n"
        );
        let module = python::parse(&text).module;
        let Some(StmtKind::Function(upgrade)) = module.body.last().map(|last| &last.kind) else {
            panic!("upgrade")
        };
        Script::read(&module, upgrade).effect()
    }

    #[test]
    fn a_literal_operation_changes_the_schema() {
        assert_eq!(effect("op.drop_column('a', 'b')"), Effect::ChangesSchema);
        assert_eq!(effect("op.execute(SQL)"), Effect::ChangesSchema);
        assert_eq!(effect("op.execute(f'DROP TABLE {name}')"), Effect::ChangesSchema);
        assert_eq!(effect("op.get_bind().execute(sa.text('DROP TABLE a'))"), Effect::ChangesSchema);
    }

    #[test]
    fn rows_are_not_schema() {
        assert_eq!(effect("op.execute('UPDATE a SET b = 1')"), Effect::ChangesData);
        assert_eq!(
            effect("op.get_bind().execute(users.update().values(a=1))"),
            Effect::ChangesData
        );
        assert_eq!(effect("op.execute(sa.insert(users).values(a=1))"), Effect::ChangesData);
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(effect("pass"), Effect::Nothing);
        assert_eq!(effect("op.alter_column('a', 'b', existing_type=sa.Text())"), Effect::Nothing);
        assert_eq!(effect("print('hello')"), Effect::Nothing);
    }

    #[test]
    fn what_depends_on_the_database_is_unknown() {
        assert_eq!(effect("op.drop_table('a', if_exists=True)"), Effect::Unknown);
        assert_eq!(effect("op.execute('DROP INDEX IF EXISTS a')"), Effect::Unknown);
        assert_eq!(effect("if x: op.drop_table('a')"), Effect::Unknown);
        assert_eq!(effect("sa.MetaData().create_all(op.get_bind())"), Effect::Unknown);
        assert_eq!(effect("op.invoke(x)"), Effect::Unknown);
    }

    #[test]
    fn a_table_that_comes_and_goes_is_no_change() {
        let body = "op.create_table('t', sa.Column('a'))\n    op.create_index('i', 't', ['a'])\n    op.drop_table('t')";
        assert_eq!(effect(body), Effect::Unknown);
    }
}
