//! Expressions over named values, evaluated in three-valued logic: what the files cannot decide is unknown, and
//! unknown means possible.

/// How two values are compared; all comparisons but [`Test::Regex`] ignore ASCII case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// Equal.
    Equals,
    /// The left contains the right.
    Contains,
    /// The left starts with the right.
    StartsWith,
    /// The left ends with the right.
    EndsWith,
    /// The left matches the shell pattern on the right (`*`, `?`).
    Glob,
    /// The regular expression on the right is found in the left; case counts unless the expression says otherwise.
    Regex,
}

/// What an expression asks of the work before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Everything before it succeeded.
    Success,
    /// Whatever happened before it.
    Always,
    /// Something before it failed.
    Failure,
    /// The run was cancelled.
    Cancelled,
}

/// An expression of a pipeline or a script, without any vendor's syntax.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// A literal.
    Lit(String),
    /// A named value: `env.NAME` (environment and shell variables), `arg.1` (a script's arguments), `input.NAME`,
    /// `matrix.NAME`, `needs.JOB.outputs.NAME`, `steps.ID.outputs.NAME`, or a fact of the event under the front end's own name.
    Var(String),
    /// Several parts joined.
    Concat(Vec<Expr>),
    /// Negation.
    Not(Box<Expr>),
    /// The first operand that is false, else the last (so that `a && 'x' || 'y'` chooses).
    And(Vec<Expr>),
    /// The first operand that is true, else the last.
    Or(Vec<Expr>),
    /// A comparison.
    Compare(Test, Box<Expr>, Box<Expr>),
    /// The status of the work before it.
    Status(Status),
    /// The first where it is set and not empty, else the second (`${X:-y}`).
    Default(Box<Expr>, Box<Expr>),
    /// What a JSON text holds: a scalar, or any of a list's elements.
    Json(Box<Expr>),
    /// Not decided by the files; the text says what it is.
    Unknown(String),
}

impl Expr {
    /// The literal true.
    pub fn always() -> Self {
        Self::Lit("true".to_owned())
    }

    /// A literal.
    pub fn lit(text: impl Into<String>) -> Self {
        Self::Lit(text.into())
    }

    /// Parts joined; literals that meet are merged.
    pub fn concat(parts: Vec<Self>) -> Self {
        let mut out: Vec<Self> = Vec::new();
        for part in parts {
            match (out.last_mut(), part) {
                (Some(Self::Lit(a)), Self::Lit(b)) => a.push_str(&b),
                (_, part) => out.push(part),
            }
        }
        match out.len() {
            0 => Self::Lit(String::new()),
            1 => out.remove(0),
            _ => Self::Concat(out),
        }
    }

    /// The literal text, where it is one.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Self::Lit(t) => Some(t),
            _ => None,
        }
    }

    /// Whether it is the literal true.
    pub fn is_always(&self) -> bool {
        matches!(self, Self::Lit(t) if t == "true")
    }

    /// Every name it reads.
    pub fn names<'a>(&'a self, out: &mut Vec<&'a str>) {
        match self {
            Self::Var(name) => out.push(name),
            Self::Concat(all) | Self::And(all) | Self::Or(all) => all.iter().for_each(|e| e.names(out)),
            Self::Not(e) | Self::Json(e) => e.names(out),
            Self::Compare(_, a, b) | Self::Default(a, b) => {
                a.names(out);
                b.names(out);
            }
            Self::Lit(_) | Self::Status(_) | Self::Unknown(_) => {}
        }
    }

    /// Whether it asks for the status of the work before it in a way that runs it although that was skipped.
    pub fn runs_after_skip(&self) -> bool {
        match self {
            Self::Status(s) => matches!(s, Status::Always | Status::Failure | Status::Cancelled),
            Self::Concat(all) | Self::And(all) | Self::Or(all) => all.iter().any(Self::runs_after_skip),
            Self::Not(e) => e.runs_after_skip(),
            _ => false,
        }
    }

    /// Whether it asks for a failure before it.
    pub fn asks_failure(&self) -> bool {
        match self {
            Self::Status(s) => *s == Status::Failure,
            Self::Concat(all) | Self::And(all) | Self::Or(all) => all.iter().any(Self::asks_failure),
            _ => false,
        }
    }
}
