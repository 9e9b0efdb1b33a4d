//! What the expansion of a file leaves for the run, and how texts that hold it are read.

use super::expression::left;
use crate::frontends::pipelines::runs::Pattern;
use crate::frontends::scripts::shell::{Masked, filled};
use crate::model::{Expr, HOLE, Scope};
use crate::syntax::mask::mask;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Programs that are called without arguments in `$(…)`: no variables, unless one is declared so.
const PROGRAMS: &[&str] = &[
    "arch", "basename", "cat", "date", "dirname", "env", "git", "groups", "hostname", "id", "jq", "kubectl", "ls", "logname",
    "mktemp", "node", "nproc", "npm", "printenv", "pwd", "python", "python3", "tty", "uname", "uptime", "users", "uuidgen", "w",
    "whoami", "who",
];

/// What the parts of one root's translation share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Values left for the run, by their number.
    values: RefCell<Vec<Expr>>,
    /// Variables that are declared, by the name under which they are bound.
    variables: RefCell<BTreeSet<String>>,
    /// What is known without a run: defaults of parameters, literal variables.
    defaults: RefCell<Scope>,
    /// Branches that conditions name.
    pub branches: RefCell<Vec<Pattern>>,
    /// Tags that conditions name.
    pub tags: RefCell<Vec<Pattern>>,
    /// Conditions and other expressions that decide what runs where.
    pub deciding: RefCell<Vec<Expr>>,
    /// Variables with their values, to tell what they take from parameters.
    pub bound: RefCell<Vec<(String, Expr)>>,
}

impl Shared {
    /// A text that stands for a value of the run.
    pub fn leave(&self, value: &Expr) -> String {
        let value = self.with_macros(value);
        let mut values = self.values.borrow_mut();
        values.push(value);
        format!("${{{{ @{} }}}}", values.len() - 1)
    }

    /// A value that was left.
    pub fn left(&self, number: usize) -> Expr {
        self.values.borrow().get(number).cloned().unwrap_or_else(|| Expr::Unknown("an expression".to_owned()))
    }

    /// A declared variable.
    pub fn declare(&self, name: &str) {
        self.variables.borrow_mut().insert(variable(name));
    }

    /// What is known without a run.
    pub fn know(&self, name: &str, value: &Expr) {
        let mut known = self.defaults.borrow_mut();
        let value = value.eval(&known);
        known.set(name, value);
    }

    /// A value with what is known without a run filled in; nothing where that leaves a part open.
    pub fn known(&self, value: &Expr) -> Option<String> {
        value.eval(&self.defaults.borrow()).known().map(ToOwned::to_owned)
    }

    /// Every text that a value may be.
    pub fn alternatives(&self, value: &Expr) -> Vec<String> {
        value.eval(&self.defaults.borrow()).alternatives()
    }

    /// A text as a name of the structure: of what is not known nothing stays.
    pub fn name(&self, text: &str) -> String {
        self.expr(text).eval(&self.defaults.borrow()).shown().replace(HOLE, "")
    }

    /// A text whose values of the run are resolved, macros left as they are.
    pub fn template(&self, text: &str) -> Expr {
        filled(text, self.lefts(text))
    }

    /// A text with the values and macros that it holds.
    pub fn expr(&self, text: &str) -> Expr {
        filled(text, self.masks(text))
    }

    /// Values and macros in a text, by their bytes.
    pub fn masks(&self, text: &str) -> Vec<Masked> {
        let mut out = self.lefts(text);
        out.extend(self.macros(text));
        out.sort_by_key(|m| m.range.start);
        out
    }

    fn lefts(&self, text: &str) -> Vec<Masked> {
        let (_, found) = mask(text, "${{", "}}");
        let value = |expression: String| match left(&expression) {
            Some(number) => self.left(number),
            None => Expr::Unknown(expression),
        };
        found.into_iter().map(|m| Masked { range: m.range, expr: value(m.expression) }).collect()
    }

    /// `$(name)`: <https://learn.microsoft.com/azure/devops/pipelines/process/variables#understand-variable-syntax>. A name that
    /// is no variable stays as it is, so that a shell takes it for a command.
    fn macros(&self, text: &str) -> Vec<Masked> {
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(found) = text[at..].find("$(") {
            let start = at + found;
            let name_at = start + 2;
            let len = text[name_at..].find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')));
            at = name_at;
            let Some(len) = len.filter(|len| *len > 0 && text[name_at + len..].starts_with(')')) else { continue };
            let name = &text[name_at..name_at + len];
            if self.is_variable(name, text) {
                at = name_at + len + 1;
                out.push(Masked { range: start..at, expr: Expr::Var(variable(name)) });
            }
        }
        out
    }

    fn is_variable(&self, name: &str, text: &str) -> bool {
        let function = || {
            ["()", " ()"].iter().any(|tail| text.contains(&format!("{name}{tail}"))) || text.contains(&format!("function {name}"))
        };
        let file = || [".sh", ".py", ".ps1", ".exe", ".cmd", ".bat", ".js"].iter().any(|end| name.ends_with(end));
        self.variables.borrow().contains(&variable(name))
            || !(name.contains('-') || PROGRAMS.contains(&name) || file() || function())
    }

    fn with_macros(&self, value: &Expr) -> Expr {
        let all = |list: &[Expr]| list.iter().map(|e| self.with_macros(e)).collect();
        let one = |e: &Expr| Box::new(self.with_macros(e));
        match value {
            Expr::Lit(text) if text.contains("$(") => self.expr(text),
            Expr::Concat(list) => Expr::concat(all(list)),
            Expr::And(list) => Expr::And(all(list)),
            Expr::Or(list) => Expr::Or(all(list)),
            Expr::Default(a, b) => Expr::Default(one(a), one(b)),
            other => other.clone(),
        }
    }

    /// Note an expression that decides what runs or where.
    pub fn decides(&self, expr: &Expr) {
        if !expr.is_always() {
            self.deciding.borrow_mut().push(expr.clone());
        }
    }
}

/// The name under which a variable is bound: that of the environment variable that scripts see.
pub(super) fn variable(name: &str) -> String {
    format!("env.{}", name.trim().to_ascii_uppercase().replace(['.', ' '], "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_are_told_from_commands() {
        let shared = Shared::default();
        shared.declare("date");
        let names = |text: &str| shared.masks(text).into_iter().map(|m| m.expr).collect::<Vec<_>>();
        let var = |n: &str| Expr::Var(format!("env.{n}"));
        assert_eq!(names("docker push $(acrName)/x:$(Build.BuildId)"), [var("ACRNAME"), var("BUILD_BUILDID")]);
        assert_eq!(names("$(pwd) $(git rev-parse HEAD) $(./x.sh) $(get-tag) $(run.sh) $()"), []);
        assert_eq!(names("tag() { echo 1; }\necho $(tag)"), []);
        assert_eq!(names("$(date) $($(env))"), [var("DATE")]);
    }

    #[test]
    fn a_value_of_the_run_comes_back_where_its_text_stands() {
        let shared = Shared::default();
        let text = format!("deploy-{}-x", shared.leave(&Expr::Var("input.env".into())));
        let all = vec![Expr::lit("deploy-"), Expr::Var("input.env".into()), Expr::lit("-x")];
        assert_eq!(shared.expr(&text), Expr::Concat(all));
        assert_eq!(shared.name(&text), "deploy--x");
        shared.know("input.env", &Expr::lit("dev"));
        assert_eq!(shared.name(&text), "deploy-dev-x");
    }
}
