//! The `when` directive: <https://www.jenkins.io/doc/book/pipeline/syntax/#when>.

use super::Translator;
use super::expression::{cause_named, compare, of_branch, unknown};
use crate::frontends::pipelines::runs::{self, Pattern};
use crate::model::{Expr as Neutral, Scope, Test};
use crate::syntax::groovy::{Call, Closure, Expr, ExprKind, Statement, StatementKind};

/// What a `when` says.
pub(super) struct When {
    /// The stage runs where it holds.
    pub condition: Neutral,
    /// It is looked at before a person is asked.
    pub before_input: bool,
}

impl<'m> Translator<'m> {
    /// The conditions of a `when`, all of which must hold.
    pub(super) fn when(&mut self, closure: &'m Closure) -> When {
        let yes = |c: &Call| matches!(c.positional().next().map(|e| &e.kind), Some(ExprKind::Bool(true)));
        let before_input = calls(&closure.body).any(|c| c.name == "beforeInput" && yes(c));
        let condition = runs::all(self.conditions(&closure.body));
        self.run.reads(&condition);
        When { condition, before_input }
    }

    fn conditions(&mut self, statements: &'m [Statement]) -> Vec<Neutral> {
        let mut out = Vec::new();
        for statement in statements {
            let StatementKind::Expr(e) = &statement.kind else { continue };
            if let Some(call) = e.call() {
                if !matches!(call.name.as_str(), "beforeAgent" | "beforeInput" | "beforeOptions") {
                    out.push(self.one_condition(call));
                }
            } else if let Some(name) = e.path() {
                out.push(self.bare(&name));
            }
        }
        out
    }

    fn one_condition(&mut self, call: &'m Call) -> Neutral {
        let inner = |this: &mut Self| call.body().map(|c| this.conditions(&c.body)).unwrap_or_default();
        match call.name.as_str() {
            "allOf" => runs::all(inner(self)),
            "not" => runs::not(runs::all(inner(self))),
            "anyOf" => {
                let all = inner(self);
                if all.is_empty() { unknown("no condition") } else { Neutral::Or(all) }
            }
            "branch" => self.pattern_of(call, "env.BRANCH_NAME"),
            "tag" => {
                let of = self.pattern_of(call, "env.TAG_NAME");
                Neutral::And(vec![runs::is(runs::REF, "tag"), of])
            }
            "buildingTag" | "isRestartedRun" => self.bare(&call.name),
            "changeRequest" => self.change_request(call),
            "environment" => {
                let name = self.known(call, "name", 0).unwrap_or_default();
                let value = call.named("value").or_else(|| call.positional().nth(1));
                let value = value.map_or_else(|| Neutral::lit(""), |e| self.value(e));
                compare(Test::Equals, self.named(&format!("env.{name}")), value)
            }
            "equals" => match (call.named("expected"), call.named("actual")) {
                (Some(a), Some(b)) => compare(Test::Equals, self.value(b), self.value(a)),
                _ => unknown("equals"),
            },
            "expression" => call.body().and_then(|c| self.result_of(&c.body)).unwrap_or_else(|| unknown("an expression")),
            "triggeredBy" => {
                let cause = call.named("cause").or_else(|| call.positional().next());
                let cause = cause.map(|e| self.value(e).eval(&Scope::default()).shown()).unwrap_or_default();
                cause_named(&cause)
            }
            "changeset" | "changelog" => unknown(format!("what the {} holds", call.name)),
            other => unknown(other),
        }
    }

    /// A condition without arguments.
    fn bare(&mut self, name: &str) -> Neutral {
        match name {
            "buildingTag" => {
                self.run.multibranch = true;
                runs::is(runs::REF, "tag")
            }
            "changeRequest" => {
                self.run.multibranch = true;
                runs::is(runs::REF, "change")
            }
            other => unknown(other),
        }
    }

    /// `branch 'main'`, `branch pattern: 'release-\\d+', comparator: 'REGEXP'`.
    fn pattern_of(&mut self, call: &Call, variable: &str) -> Neutral {
        let text = call.named("pattern").or_else(|| call.positional().next());
        let Some(Neutral::Lit(text)) = text.map(|e| self.value(e)) else { return unknown("a pattern that is computed") };
        let pattern = match call.named("comparator").and_then(Expr::plain) {
            Some("REGEXP") => Pattern::Regex(format!("^(?:{text})$")),
            Some("EQUALS") => Pattern::Name(text),
            _ => Pattern::glob(&text),
        };
        let condition = pattern.fits(Neutral::Var(variable.to_owned()));
        let branch = variable == "env.BRANCH_NAME";
        self.run.pattern(variable, pattern, branch);
        if branch { of_branch(condition) } else { condition }
    }

    fn change_request(&mut self, call: &Call) -> Neutral {
        let mut all = vec![self.bare("changeRequest")];
        for (name, fact) in [("target", runs::TARGET), ("branch", runs::BRANCH)] {
            if let Some(text) = call.named(name).and_then(Expr::plain) {
                let pattern = match call.named("comparator").and_then(Expr::plain) {
                    Some("REGEXP") => Pattern::Regex(format!("^(?:{text})$")),
                    Some("EQUALS") => Pattern::Name(text.to_owned()),
                    _ => Pattern::glob(text),
                };
                all.push(pattern.fits(Neutral::Var(fact.to_owned())));
                if fact == runs::TARGET {
                    self.run.pattern(fact, pattern, false);
                }
            }
        }
        let others = call.args.iter().filter_map(|a| a.name()).any(|n| !matches!(n, "target" | "branch" | "comparator"));
        if others {
            all.push(unknown("what the change request is"));
        }
        runs::all(all)
    }
}

/// Calls that are statements.
pub(super) fn calls(statements: &[Statement]) -> impl Iterator<Item = &Call> + Clone {
    statements.iter().filter_map(|s| match &s.kind {
        StatementKind::Expr(e) => e.call(),
        _ => None,
    })
}
