//! What expressions come to: at compile time values as far as the files say them, at run time conditions of the model.
//! <https://learn.microsoft.com/azure/devops/pipelines/process/expressions>

use super::expression::{Ast, parse};
use super::functions;
use super::shared::{Shared, variable};
use crate::frontends::pipelines::data::{Data, Kind, Pair};
use crate::model::{Expr, Scope, Truth};
use crate::source::Span;
use std::rc::Rc;

/// A value of an expression.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// A text that is decided, or one that the run decides.
    Expr(Expr),
    /// A part of a file: a list, a mapping, a scalar at its place.
    Data(Data),
}

/// A file of this repository or of another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// The other repository's name on its server.
    pub project: Option<Rc<str>>,
    /// The path from its root.
    pub path: Rc<str>,
}

/// The names that an expression may read.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// The file, for paths of templates.
    pub file: Place,
    /// Parameters by name.
    pub parameters: Rc<Vec<(String, Val)>>,
    /// Variables of `each`, the innermost last.
    pub each: Vec<(String, Val)>,
}

impl Names {
    fn local(&self, name: &str) -> Option<&Val> {
        self.each.iter().rev().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// A parameter.
    pub fn parameter(&self, name: &str) -> Option<&Val> {
        self.parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// The same with a variable of `each`.
    pub fn with(&self, name: &str, value: Val) -> Self {
        let mut out = self.clone();
        out.each.push((name.to_owned(), value));
        out
    }
}

/// Evaluates expressions.
pub(super) struct Evaluator<'a> {
    pub shared: &'a Shared,
    pub names: &'a Names,
    /// At run time macros in texts are resolved.
    pub run_time: bool,
    /// Where the expression stands.
    pub at: Span,
}

impl Evaluator<'_> {
    /// The value of the expression in `text`.
    pub fn value(&self, text: &str) -> Result<Val, String> {
        Ok(self.eval(&parse(text)?))
    }

    /// The value as a condition.
    pub fn condition(&self, text: &str) -> Result<Expr, String> {
        let value = self.value(text)?;
        Ok(self.expr(value))
    }

    pub fn eval(&self, ast: &Ast) -> Val {
        match ast {
            Ast::Lit(text) => Val::Expr(self.text(text)),
            Ast::Left(number) => Val::Expr(self.shared.left(*number)),
            Ast::Name(name) if name.eq_ignore_ascii_case("parameters") => Val::Data(self.all_parameters()),
            Ast::Name(name) => self.names.local(name).cloned().unwrap_or_else(|| Val::Expr(Expr::Unknown(name.clone()))),
            Ast::Index(..) => self.path(ast),
            Ast::Call(name, arguments) => {
                if macro_beside_nothing(arguments) && (name.eq_ignore_ascii_case("eq") || name.eq_ignore_ascii_case("ne")) {
                    return Val::Expr(Expr::lit(if name.eq_ignore_ascii_case("ne") { "true" } else { "false" }));
                }
                let arguments = arguments.iter().map(|a| self.eval(a)).collect();
                functions::call(self, name, arguments)
            }
        }
    }

    fn text(&self, text: &str) -> Expr {
        if self.run_time { self.shared.expr(text) } else { self.shared.template(text) }
    }

    /// A value as an expression.
    pub fn expr(&self, value: Val) -> Expr {
        match value {
            Val::Expr(expr) => expr,
            Val::Data(data) => match data.str() {
                Some(text) => self.text(text),
                None if data.is_null() => Expr::lit(""),
                None => Expr::Unknown("a list or mapping".to_owned()),
            },
        }
    }

    fn all_parameters(&self) -> Data {
        let pair = |(name, value): &(String, Val)| {
            let value = match value {
                Val::Data(data) => data.clone(),
                Val::Expr(expr) => left_at(self.shared, expr, self.at),
            };
            Pair { key: name.as_str().into(), key_span: self.at, span: self.at, value }
        };
        let pairs: Vec<Pair> = self.names.parameters.iter().map(pair).collect();
        Data::scalar_at("", self.at).with(Kind::Map(Rc::new(pairs)))
    }

    /// `variables['Build.Reason']`, `parameters.envs[0].name`, `dependencies.A.result`
    fn path(&self, ast: &Ast) -> Val {
        let mut keys: Vec<Expr> = Vec::new();
        let mut base = ast;
        while let Ast::Index(inner, key) = base {
            let key = if matches!(&**key, Ast::Call(name, _) if name == "*") {
                Expr::Unknown("*".to_owned())
            } else {
                self.expr(self.eval(key))
            };
            keys.push(key);
            base = inner;
        }
        keys.reverse();
        let literal: Option<Vec<String>> = keys.iter().map(|k| self.shared.known(k)).collect();
        let Ast::Name(root) = base else { return descend(self.eval(base), literal.as_deref()) };
        let Some(path) = literal else { return Val::Expr(Expr::Unknown(format!("an entry of {root}"))) };
        match root.to_ascii_lowercase().as_str() {
            "parameters" => match self.names.parameter(&path[0]) {
                Some(value) => descend(value.clone(), path.get(1..)),
                None if self.run_time => Val::Expr(Expr::Var(format!("input.{}", path[0]))),
                None => Val::Expr(Expr::lit("")),
            },
            "variables" => Val::Expr(Expr::Var(variable(&path.join(".")))),
            "dependencies" | "stagedependencies" => Val::Expr(result_of(root, &path)),
            _ => match self.names.local(root) {
                Some(value) => descend(value.clone(), Some(&path)),
                None => Val::Expr(Expr::Unknown(format!("{root}.{}", path.join(".")))),
            },
        }
    }
}

/// `ne('$(hook)', '')`: a condition does not resolve macros, so that the text is not empty.
fn macro_beside_nothing(arguments: &[Ast]) -> bool {
    let beside = |a: &str, b: &str| a.is_empty() && b.contains("$(");
    matches!(arguments, [Ast::Lit(a), Ast::Lit(b)] if beside(a, b) || beside(b, a))
}

/// The result of a job or stage before; what it hands over is not known.
fn result_of(root: &str, path: &[String]) -> Expr {
    match path {
        [name, result] if result == "result" => Expr::Var(format!("needs.{name}.result")),
        _ => Expr::Unknown(format!("{root}.{}", path.join("."))),
    }
}

fn descend(value: Val, keys: Option<&[String]>) -> Val {
    let Some(keys) = keys else { return Val::Expr(Expr::Unknown("an entry".to_owned())) };
    let mut data = match value {
        value if keys.is_empty() => return value,
        Val::Data(data) => data,
        Val::Expr(Expr::Unknown(why)) => return Val::Expr(Expr::Unknown(why)),
        Val::Expr(Expr::Lit(_)) => return Val::Expr(Expr::lit("")),
        Val::Expr(_) => return Val::Expr(Expr::Unknown("an entry of a value".to_owned())),
    };
    for key in keys {
        let next = match &data.kind {
            Kind::Map(pairs) => pairs.iter().find(|p| p.key.eq_ignore_ascii_case(key)).map(|p| p.value.clone()),
            Kind::List(items) => key.parse::<usize>().ok().and_then(|i| items.get(i).cloned()),
            _ => None,
        };
        let Some(next) = next else { return Val::Expr(Expr::lit("")) };
        data = next;
    }
    Val::Data(data)
}

/// A scalar that stands for a value of the run, or is the text where that is decided.
pub(super) fn left_at(shared: &Shared, value: &Expr, at: Span) -> Data {
    match decided(value) {
        Some(text) => Data::scalar_at(text, at),
        None => Data::scalar_at(shared.leave(value), at),
    }
}

/// The text of a value that nothing of a run can change.
pub(super) fn decided(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(text) => return Some(text.clone()),
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Compare(..) => {}
        _ => return None,
    }
    let mut names = Vec::new();
    value.names(&mut names);
    if names.is_empty() {
        return value.eval(&Scope::default()).known().map(ToOwned::to_owned);
    }
    match value.truth(&Scope::default()) {
        Truth::True if is_logic(value) => Some("true".to_owned()),
        Truth::False if is_logic(value) => Some("false".to_owned()),
        _ => None,
    }
}

/// Whether a value is true or false and no text that `or` chose.
fn is_logic(value: &Expr) -> bool {
    match value {
        Expr::Not(_) | Expr::Compare(..) => true,
        Expr::And(all) | Expr::Or(all) => all.iter().all(is_logic),
        Expr::Lit(text) => matches!(text.as_str(), "true" | "false"),
        _ => false,
    }
}
