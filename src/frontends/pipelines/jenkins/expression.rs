//! Groovy expressions in neutral terms. Variables of the program are `var.NAME`, those of the environment `env.NAME`, parameters
//! `params.NAME`.

use super::Translator;
use crate::frontends::pipelines::runs::{self, Pattern};
use crate::model::{Expr as Neutral, HOLE, Scope, Status, Test};
use crate::syntax::groovy::{Arg, Call, Expr, ExprKind, Operator, Quoted};

/// Deepest expression that is read.
const MAX_LEVEL: usize = 120;
/// Largest value that is kept.
const MAX_SIZE: usize = 400;
/// Variables that hold a branch (<https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables>).
const BRANCHES: &[&str] = &["env.BRANCH_NAME", "env.GIT_BRANCH", "env.GIT_LOCAL_BRANCH"];
/// What may stand in front of a branch's name.
const PREFIXES: &[&str] = &["origin/", "refs/heads/", "*/"];

/// What cannot be decided.
pub(super) fn unknown(what: impl Into<String>) -> Neutral {
    Neutral::Unknown(what.into())
}

/// `condition ? yes : no`.
pub(super) fn choice(condition: Neutral, yes: Neutral, no: Neutral) -> Neutral {
    if matches!(yes.literal(), Some("" | "false" | "0")) {
        return Neutral::And(vec![runs::not(condition), no]);
    }
    Neutral::Or(vec![Neutral::And(vec![condition, yes]), no])
}

/// A comparison.
pub(super) fn compare(test: Test, a: Neutral, b: Neutral) -> Neutral {
    Neutral::Compare(test, Box::new(a), Box::new(b))
}

/// A condition on the branch: a tag's name is none.
pub(super) fn of_branch(condition: Neutral) -> Neutral {
    Neutral::And(vec![runs::not(runs::is(runs::REF, "tag")), condition])
}

/// A value that is not larger than what is kept.
pub(super) fn bounded(e: Neutral) -> Neutral {
    fn size(e: &Neutral, left: &mut usize) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return;
        }
        match e {
            Neutral::Concat(all) | Neutral::And(all) | Neutral::Or(all) => all.iter().for_each(|e| size(e, left)),
            Neutral::Not(e) | Neutral::Json(e) => size(e, left),
            Neutral::Compare(_, a, b) | Neutral::Default(a, b) => {
                size(a, left);
                size(b, left);
            }
            Neutral::Lit(_) | Neutral::Var(_) | Neutral::Status(_) | Neutral::Unknown(_) => {}
        }
    }
    let mut left = MAX_SIZE;
    size(&e, &mut left);
    if left == 0 { unknown("too large") } else { e }
}

/// One of several texts.
pub(super) fn one_of(texts: &[String]) -> Neutral {
    match texts {
        [] => unknown("nothing to choose from"),
        [one] => Neutral::lit(one.as_str()),
        _ => serde_json::to_string(texts).map_or_else(|_| unknown("a list"), |json| Neutral::Json(Box::new(Neutral::lit(json)))),
    }
}

impl Translator<'_> {
    /// The value of an expression.
    pub(super) fn value(&mut self, e: &Expr) -> Neutral {
        if self.level >= MAX_LEVEL {
            return unknown("nested too deep");
        }
        self.level += 1;
        let out = self.of_kind(e);
        self.level -= 1;
        out
    }

    /// A condition that decides what runs; what it reads is remembered.
    pub(super) fn condition(&mut self, e: &Expr) -> Neutral {
        let out = bounded(self.value(e));
        self.run.reads(&out);
        out
    }

    fn of_kind(&mut self, e: &Expr) -> Neutral {
        match &e.kind {
            ExprKind::Text(quoted) => self.text(quoted),
            ExprKind::Number(n) => Neutral::lit(n.trim_end_matches(['L', 'l', 'G', 'g']).to_owned()),
            ExprKind::Bool(b) => Neutral::lit(b.to_string()),
            ExprKind::Null => Neutral::lit(""),
            ExprKind::Name(name) => self.named(name),
            ExprKind::Property { .. } => e.path().map_or_else(|| unknown("a property"), |path| self.named(&path)),
            ExprKind::Index { of, index } => self.indexed(of, index),
            ExprKind::Call(call) => self.returned_by(call),
            ExprKind::Not(inner) => runs::not(self.value(inner)),
            ExprKind::Unary(inner) => match &inner.kind {
                ExprKind::Text(quoted) => self.text(quoted),
                _ => unknown("a calculation"),
            },
            ExprKind::Binary(operator, a, b) => self.binary(*operator, a, b),
            ExprKind::Ternary(c, a, b) => {
                let (c, a, b) = (self.value(c), self.value(a), self.value(b));
                choice(c, a, b)
            }
            ExprKind::Elvis(a, b) => Neutral::Default(Box::new(self.value(a)), Box::new(self.value(b))),
            ExprKind::Assign { value, .. } => self.value(value),
            ExprKind::New { .. } | ExprKind::List(_) | ExprKind::Map(_) | ExprKind::Closure(_) => unknown("an object"),
            ExprKind::Unreadable => unknown("not readable"),
        }
    }

    /// A string with its interpolations.
    pub(super) fn text(&mut self, quoted: &Quoted) -> Neutral {
        let text = &quoted.text.text;
        let mut parts = Vec::new();
        let mut at = 0;
        for part in &quoted.parts {
            parts.push(Neutral::lit(text.get(at..part.range.start).unwrap_or("")));
            parts.push(self.value(&part.expr));
            at = part.range.end;
        }
        parts.push(Neutral::lit(text.get(at..).unwrap_or("")));
        parts.retain(|p| p.literal() != Some(""));
        bounded(Neutral::concat(parts))
    }

    /// What a name, or a path of names, stands for.
    pub(super) fn named(&mut self, path: &str) -> Neutral {
        if let Some(text) = self.names.constants.get(path) {
            return Neutral::lit(text.as_str());
        }
        let (root, rest) = path.split_once('.').unwrap_or((path, ""));
        match root {
            "env" | "params" if !rest.is_empty() => return Neutral::Var(path.to_owned()),
            "this" | "script" | "steps" if rest.starts_with("env.") || rest.starts_with("params.") => {
                return Neutral::Var(rest.to_owned());
            }
            _ => {}
        }
        if self.names.local(path) {
            return Neutral::Var(format!("var.{path}"));
        }
        if rest.is_empty() { Neutral::Var(format!("env.{path}")) } else { unknown(path) }
    }

    /// `env['X']`, `cfg['x']`.
    fn indexed(&mut self, of: &Expr, index: &[Expr]) -> Neutral {
        let (Some(path), [key]) = (of.path(), index) else { return unknown("an element") };
        match self.value(key).literal() {
            Some(key) if !key.is_empty() && !key.chars().all(|c| c.is_ascii_digit()) => self.named(&format!("{path}.{key}")),
            _ => unknown("an element"),
        }
    }

    fn binary(&mut self, operator: Operator, a: &Expr, b: &Expr) -> Neutral {
        match operator {
            Operator::And => Neutral::And(vec![self.value(a), self.value(b)]),
            Operator::Or => Neutral::Or(vec![self.value(a), self.value(b)]),
            Operator::Equal => self.equal(a, b),
            Operator::NotEqual => runs::not(self.equal(a, b)),
            Operator::Find | Operator::Match => {
                let (text, pattern) = (self.value(a), self.value(b));
                match pattern.literal() {
                    Some(p) if operator == Operator::Match => self.test(Test::Regex, text, Neutral::lit(format!("^(?:{p})$"))),
                    Some(_) => self.test(Test::Regex, text, pattern),
                    None => unknown("a pattern that is computed"),
                }
            }
            Operator::In => self.within(a, b),
            Operator::NotIn => runs::not(self.within(a, b)),
            Operator::Plus => {
                let parts = vec![self.value(a), self.value(b)];
                bounded(Neutral::concat(parts))
            }
            Operator::Append | Operator::Other => unknown("a calculation"),
        }
    }

    fn equal(&mut self, a: &Expr, b: &Expr) -> Neutral {
        for (one, other) in [(a, b), (b, a)] {
            if one.path().is_some_and(|p| p.ends_with("currentBuild.result") || p.ends_with("currentBuild.currentResult")) {
                let known = matches!(other.kind, ExprKind::Null).then_some("SUCCESS").or_else(|| other.plain());
                return match known {
                    Some("SUCCESS") => Neutral::Status(Status::Success),
                    Some("FAILURE" | "UNSTABLE") => Neutral::Status(Status::Failure),
                    Some("ABORTED") => Neutral::Status(Status::Cancelled),
                    _ => unknown("the result so far"),
                };
            }
        }
        let (a, b) = (self.value(a), self.value(b));
        if b.literal().is_none() && a.literal().is_some() {
            return self.test(Test::Equals, b, a);
        }
        self.test(Test::Equals, a, b)
    }

    /// `x in [a, b]`.
    fn within(&mut self, a: &Expr, b: &Expr) -> Neutral {
        let Some(all) = self.elements(b) else { return unknown("what a list holds") };
        let a = self.value(a);
        Neutral::Or(all.into_iter().map(|b| self.test(Test::Equals, a.clone(), b)).collect())
    }

    /// The elements of a list that is known.
    pub(super) fn elements(&mut self, e: &Expr) -> Option<Vec<Neutral>> {
        match &e.kind {
            ExprKind::List(all) => Some(all.iter().map(|e| self.value(e)).collect()),
            ExprKind::Name(name) => {
                let all = *self.names.lists.get(name)?;
                Some(all.iter().map(|e| self.value(e)).collect())
            }
            ExprKind::Call(call) if matches!(call.name.as_str(), "split" | "tokenize") => {
                let by = call.positional().next().and_then(Expr::plain).unwrap_or(" ").to_owned();
                let text = self.value(call.receiver.as_ref()?);
                let text = text.literal()?;
                Some(text.split(by.as_str()).filter(|p| !p.is_empty()).map(|p| Neutral::lit(p.trim())).collect())
            }
            _ => None,
        }
    }

    /// A comparison, whose pattern tells branches or tags apart where it is one of these.
    pub(super) fn test(&mut self, test: Test, a: Neutral, b: Neutral) -> Neutral {
        let branch = matches!(&a, Neutral::Var(n) if BRANCHES.contains(&n.as_str()));
        let b = match b {
            Neutral::Lit(text) if branch && test != Test::Regex => {
                let bare = PREFIXES.iter().find_map(|p| text.strip_prefix(p)).map(ToOwned::to_owned);
                Neutral::Lit(bare.unwrap_or(text))
            }
            other => other,
        };
        if let (Neutral::Var(name), Some(text)) = (&a, b.literal())
            && !text.is_empty()
        {
            let pattern = match test {
                Test::Equals => Pattern::Name(text.to_owned()),
                Test::StartsWith => Pattern::Glob(format!("{text}*")),
                Test::EndsWith => Pattern::Glob(format!("*{text}")),
                Test::Contains => Pattern::Glob(format!("*{text}*")),
                Test::Glob => Pattern::glob(text),
                Test::Regex => Pattern::Regex(text.to_owned()),
            };
            self.run.pattern(name, pattern, branch);
        }
        // Only a change has such a name; which one it is, no file says.
        let number = |t: &str| t.strip_prefix("PR-").is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
        if branch && test == Test::Equals && b.literal().is_some_and(number) {
            return Neutral::And(vec![runs::is(runs::REF, "change"), unknown("which change it is")]);
        }
        if branch && b.literal().is_some_and(|t| t.trim_start_matches(['^', '(', '?', ':']).starts_with("PR-")) {
            return Neutral::And(vec![runs::is(runs::REF, "change"), compare(test, a, b)]);
        }
        if branch { of_branch(compare(test, a, b)) } else { compare(test, a, b) }
    }

    /// What a call gives, as far as it does nothing else.
    fn returned_by(&mut self, call: &Call) -> Neutral {
        let argument = call.positional().next();
        let Some(receiver) = &call.receiver else {
            return match (call.name.as_str(), argument) {
                ("string" | "credentials", _) => unknown("a secret"),
                ("input", _) => self.asked_value(call).unwrap_or_else(|| unknown("asked")),
                ("isUnix", None) => Neutral::always(),
                _ => self.returned(call).unwrap_or_else(|| unknown(format!("what {} gives", call.name))),
            };
        };
        let test = match call.name.as_str() {
            "startsWith" => Some(Test::StartsWith),
            "endsWith" => Some(Test::EndsWith),
            "equals" | "equalsIgnoreCase" => Some(Test::Equals),
            "contains" => Some(Test::Contains),
            _ => None,
        };
        if let (Some(test), Some(argument)) = (test, argument) {
            if test == Test::Contains && self.elements(receiver).is_some() {
                return self.within(argument, receiver);
            }
            let (a, b) = (self.value(receiver), self.value(argument));
            return self.test(test, a, b);
        }
        match (call.name.as_str(), argument) {
            ("matches", Some(pattern)) => match self.value(pattern) {
                Neutral::Lit(p) => {
                    let text = self.value(receiver);
                    self.test(Test::Regex, text, Neutral::lit(format!("^(?:{p})$")))
                }
                _ => unknown("a pattern that is computed"),
            },
            (
                "trim" | "toString" | "toLowerCase" | "toUpperCase" | "toBoolean" | "stripIndent" | "stripMargin" | "asBoolean",
                None,
            ) => self.changed(call.name.as_str(), receiver),
            ("isEmpty", None) => {
                let text = self.value(receiver);
                compare(Test::Equals, text, Neutral::lit(""))
            }
            ("get" | "getProperty" | "getAt", Some(key)) => {
                let found = self.indexed(receiver, std::slice::from_ref(key));
                match call.positional().nth(1) {
                    Some(other) => Neutral::Default(Box::new(found), Box::new(self.value(other))),
                    None => found,
                }
            }
            ("getBuildCauses" | "getCause", Some(cause)) => cause_named(&self.value(cause).eval(&Scope::default()).shown()),
            ("image" | "build", Some(image)) if receiver.path().as_deref() == Some("docker") => self.value(image),
            _ => self.returned(call).unwrap_or_else(|| unknown(format!("what {} gives", call.name))),
        }
    }

    /// A text in another spelling.
    fn changed(&mut self, how: &str, text: &Expr) -> Neutral {
        match (self.value(text), how) {
            (Neutral::Lit(t), "toLowerCase") => Neutral::Lit(t.to_lowercase()),
            (Neutral::Lit(t), "toUpperCase") => Neutral::Lit(t.to_uppercase()),
            (Neutral::Lit(t), "trim") => Neutral::Lit(t.trim().to_owned()),
            (other, _) => other,
        }
    }

    /// What a name shows: known parts of a text.
    pub(super) fn label(&mut self, e: &Expr) -> String {
        let shown = self.value(e).eval(&Scope::default()).shown();
        shown.replace(HOLE, "").trim().trim_matches(['-', ':', '/']).trim().to_owned()
    }

    /// The value of a named argument, or the positional one with this number, as a known text.
    pub(super) fn known(&mut self, call: &Call, name: &str, position: usize) -> Option<String> {
        let e = call.named(name).or_else(|| call.positional().nth(position))?;
        self.value(e).literal().map(ToOwned::to_owned)
    }

    /// A named entry of arguments.
    pub(super) fn entry(&mut self, all: &[Arg], name: &str) -> Option<Neutral> {
        let found = all.iter().find(|a| a.name() == Some(name))?;
        Some(self.value(&found.value))
    }
}

/// A condition on what started the run, by the name of a cause.
pub(super) fn cause_named(cause: &str) -> Neutral {
    let events: &[&str] = match cause.rsplit(['.', '$']).next().unwrap_or(cause) {
        c if c.starts_with("TimerTrigger") || c.contains("CronTrigger") => &["schedule"],
        c if c.starts_with("SCMTrigger") || c.contains("PushCause") => &["push"],
        c if c.starts_with("BranchEvent") || c.starts_with("BranchIndexing") => &["push", "change", "tag"],
        c if c.starts_with("UserId") => &["manual"],
        c if c.contains("Upstream") => &["upstream"],
        _ => return unknown(format!("whether {cause} started it")),
    };
    Neutral::Or(events.iter().map(|e| runs::is(runs::EVENT, e)).collect())
}
