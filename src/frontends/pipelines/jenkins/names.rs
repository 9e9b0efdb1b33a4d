//! What the names of a pipeline's program stand for, as far as it says so in one place.

use crate::model::Item;
use crate::source::Span;
use crate::syntax::groovy::{Closure, Expr};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Names of a file and what they stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Names<'m> {
    /// Variables and parameters; any other name is one of the environment.
    pub locals: HashSet<String>,
    /// Variables with one known value while a loop or function is read with it.
    pub constants: HashMap<String, String>,
    /// Strings that are set once.
    pub texts: HashMap<String, &'m Expr>,
    /// Lists that are set once.
    pub lists: HashMap<String, &'m [Expr]>,
    /// Maps whose values are closures, for `parallel`.
    pub branches: HashMap<String, Vec<Branch>>,
    /// Closures that are called by their name.
    pub closures: HashMap<String, Captured<'m>>,
    /// Files that `load` gave.
    pub loaded: HashMap<String, usize>,
    /// Objects of a library or file that is not of this repository.
    pub objects: HashSet<String>,
    /// Images.
    pub images: HashSet<String>,
}

/// A closure with what its names stand for.
#[derive(Clone, Debug)]
pub(super) struct Captured<'m> {
    /// The closure.
    pub closure: &'m Closure,
    /// The file that it stands in.
    pub module: usize,
    /// The names around it, where it is called somewhere else.
    pub names: Option<Rc<Names<'m>>>,
}

/// A branch of `parallel`.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What it does.
    pub items: Vec<Item>,
}

impl Names<'_> {
    /// Forget what a variable stands for: it is set again.
    pub fn forget(&mut self, name: &str) {
        self.texts.remove(name);
        self.lists.remove(name);
        self.constants.remove(name);
        self.closures.remove(name);
    }

    /// Whether a path begins with a variable.
    pub fn local(&self, path: &str) -> bool {
        self.locals.contains(path.split('.').next().unwrap_or(path))
    }
}
