//! A tolerant reader of Groovy as Jenkinsfiles and shared libraries use it (<https://groovy-lang.org/syntax.html>,
//! <https://www.jenkins.io/doc/book/pipeline/syntax/>): statements, calls with and without parentheses, closures, strings of
//! every kind. Nothing is run. A fault costs the statement that it stands in, and is told.

mod arguments;
mod expressions;
mod lexer;
mod parser;
mod statements;
mod strings;
mod types;

use crate::source::{Diagnostic, SourceFile, Span, Text};
use std::ops::Range;

/// What a file says, in its order.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Faults.
    pub diagnostics: Vec<Diagnostic>,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// From its first token to its last.
    pub span: Span,
    /// The annotations in front of it (`@Library('x')`).
    pub annotations: Vec<Call>,
    /// How deep the tree below it is.
    depth: u16,
}

/// What a statement is.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// An expression: a call, an assignment.
    Expr(Expr),
    /// `def x = …`, `String x`, `def (a, b) = …`.
    Declare {
        /// The variables.
        names: Vec<String>,
        /// Their value.
        value: Option<Expr>,
    },
    /// `if … else if … else`.
    If {
        /// Conditions and what they guard, in order.
        arms: Vec<(Expr, Vec<Statement>)>,
        /// The last `else`.
        otherwise: Vec<Statement>,
    },
    /// `for (x in y)`; without a variable a loop that counts.
    For {
        /// The variable.
        variable: Option<String>,
        /// What is gone through.
        values: Option<Expr>,
        /// What is done.
        body: Vec<Statement>,
    },
    /// `while`, and `do … while`.
    While {
        /// As long as this holds.
        condition: Expr,
        /// What is done.
        body: Vec<Statement>,
    },
    /// `switch`.
    Switch {
        /// What is looked at.
        subject: Expr,
        /// Values and what they lead to; no value: `default`.
        cases: Vec<Case>,
    },
    /// `try … catch … finally`.
    Try {
        /// What is tried.
        body: Vec<Statement>,
        /// The handlers.
        catches: Vec<Vec<Statement>>,
        /// What is done at the end.
        finally: Vec<Statement>,
    },
    /// `return`.
    Return(Option<Expr>),
    /// `throw`.
    Throw(Option<Expr>),
    /// `break`, `continue`.
    Jump,
    /// A method.
    Method(Method),
    /// A class, interface, trait or enum with what stands in it.
    Class {
        /// Its name.
        name: String,
        /// Fields and methods.
        body: Vec<Statement>,
    },
    /// `import`, `package`.
    Import(String),
    /// A block of its own.
    Block(Vec<Statement>),
    /// Something that could not be read.
    Unreadable,
}

/// A case of a `switch`.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its value; none: `default`.
    pub value: Option<Expr>,
    /// What it does.
    pub body: Vec<Statement>,
}

/// A method.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub params: Vec<Param>,
    /// What it does.
    pub body: Vec<Statement>,
    /// From its first modifier to its closing bracket.
    pub span: Span,
}

/// A parameter of a method or closure.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its value where the caller gives none.
    pub default: Option<Expr>,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
    /// How deep the tree below it is.
    depth: u16,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A string of any kind.
    Text(Box<Quoted>),
    /// A number as written.
    Number(String),
    /// `true`, `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// A variable, or a call without arguments that nothing tells from one.
    Name(String),
    /// `of.name`.
    Property {
        /// Whose.
        of: Box<Expr>,
        /// Its name.
        name: String,
    },
    /// `of[index]`.
    Index {
        /// Of what.
        of: Box<Expr>,
        /// Which.
        index: Vec<Expr>,
    },
    /// A call.
    Call(Box<Call>),
    /// `new Name(…)`.
    New {
        /// The class.
        name: String,
        /// Its arguments.
        args: Vec<Arg>,
    },
    /// A list.
    List(Vec<Expr>),
    /// A map.
    Map(Vec<Arg>),
    /// A closure.
    Closure(Closure),
    /// `!x`.
    Not(Box<Expr>),
    /// Another operator before or behind an operand.
    Unary(Box<Expr>),
    /// Two operands.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `a ? b : c`.
    Ternary(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a ?: b`.
    Elvis(Box<Expr>, Box<Expr>),
    /// `a = b`, `a += b`.
    Assign {
        /// What is set.
        target: Box<Expr>,
        /// How.
        how: Assignment,
        /// Its value.
        value: Box<Expr>,
    },
    /// Something that could not be read, or is nested too deep.
    Unreadable,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `==`, `===`.
    Equal,
    /// `!=`, `!==`.
    NotEqual,
    /// `=~`: the pattern is found.
    Find,
    /// `==~`: the pattern fits the whole.
    Match,
    /// `in`.
    In,
    /// `!in`.
    NotIn,
    /// `+`.
    Plus,
    /// `<<`.
    Append,
    /// Any other: arithmetic, order, ranges, `instanceof`.
    Other,
}

/// How a variable is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// `=`.
    Set,
    /// `+=`.
    Add,
    /// Any other (`-=`, `<<=`).
    Other,
}

/// A call. Its expression's span goes from the receiver to its last closure, [`Call::head`] ends before the closures behind
/// its arguments.
#[derive(Clone, Debug)]
pub struct Call {
    /// What it is called on.
    pub receiver: Option<Box<Expr>>,
    /// Its name; empty where it is computed.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// Its arguments, closures behind the parentheses last.
    pub args: Vec<Arg>,
    /// From the receiver to the end of the arguments, without closures behind them.
    pub head: Span,
}

/// An argument of a call, or an entry of a map.
#[derive(Clone, Debug)]
pub struct Arg {
    /// Its name or key; a bare word is a text.
    pub key: Option<Expr>,
    /// Its value.
    pub value: Expr,
}

/// A closure.
#[derive(Clone, Debug)]
pub struct Closure {
    /// Its parameters.
    pub params: Vec<Param>,
    /// What it does.
    pub body: Vec<Statement>,
    /// With its brackets.
    pub span: Span,
}

/// A string.
#[derive(Clone, Debug)]
pub struct Quoted {
    /// Its text, escapes decoded, with the way back to the file. Interpolations stand in it as they are written.
    pub text: Text,
    /// Its interpolations, in order.
    pub parts: Vec<Part>,
}

/// `${expression}` or `$name` in a string.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its bytes in the decoded text.
    pub range: Range<usize>,
    /// What stands there.
    pub expr: Expr,
}

/// Read a file.
pub fn parse(file: &SourceFile) -> Script {
    parser::script(file)
}

impl Quoted {
    /// The text, where it has no interpolation.
    pub fn plain(&self) -> Option<&str> {
        self.parts.is_empty().then_some(self.text.text.as_str())
    }
}

impl Arg {
    /// Its name, where it has one that is known.
    pub fn name(&self) -> Option<&str> {
        self.key.as_ref().and_then(Expr::plain)
    }
}

impl Expr {
    /// The text of a string without interpolation.
    pub fn plain(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Text(quoted) => quoted.plain(),
            _ => None,
        }
    }

    /// The call that it is.
    pub fn call(&self) -> Option<&Call> {
        match &self.kind {
            ExprKind::Call(call) => Some(call),
            _ => None,
        }
    }

    /// A path of names, joined by dots (`env.BRANCH_NAME`).
    pub fn path(&self) -> Option<String> {
        let mut names = Vec::new();
        let mut at = self;
        loop {
            match &at.kind {
                ExprKind::Name(name) => {
                    names.push(name.as_str());
                    names.reverse();
                    return Some(names.join("."));
                }
                ExprKind::Property { of, name } => {
                    names.push(name);
                    at = of;
                }
                _ => return None,
            }
        }
    }
}

impl Call {
    /// The value of a named argument, given by name or in a map that is the first argument.
    pub fn named(&self, name: &str) -> Option<&Expr> {
        let own = self.args.iter().find(|a| a.name() == Some(name)).map(|a| &a.value);
        own.or_else(|| match self.positional().next().map(|e| &e.kind) {
            Some(ExprKind::Map(entries)) => entries.iter().find(|a| a.name() == Some(name)).map(|a| &a.value),
            _ => None,
        })
    }

    /// Arguments without a name.
    pub fn positional(&self) -> impl Iterator<Item = &Expr> {
        self.args.iter().filter(|a| a.key.is_none()).map(|a| &a.value)
    }

    /// The last closure among the arguments without a name.
    pub fn body(&self) -> Option<&Closure> {
        self.args.iter().rev().filter(|a| a.key.is_none()).find_map(|a| match &a.value.kind {
            ExprKind::Closure(closure) => Some(closure),
            _ => None,
        })
    }

    /// The name with the path that it is called on (`docker.build`), where that is one.
    pub fn full_name(&self) -> Option<String> {
        match &self.receiver {
            None => Some(self.name.clone()),
            Some(receiver) => receiver.path().map(|path| format!("{path}.{}", self.name)),
        }
    }
}

#[cfg(test)]
mod tests;
