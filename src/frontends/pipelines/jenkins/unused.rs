//! Methods of a pipeline's files that nothing calls: what they do is left for a person.

use super::survey::mentioned;
use super::{Translator, library_step};
use crate::syntax::groovy::{Method, StatementKind};

impl<'m> Translator<'m> {
    /// Read the methods of the pipeline's files that nothing names.
    pub(super) fn unused(&mut self) {
        let modules = self.modules;
        let Some(names) = mentioned(modules.iter().map(|m| m.script.statements.as_slice())) else { return };
        let files: Vec<usize> = self.used.iter().copied().filter(|i| library_step(&modules[*i].file.path).is_none()).collect();
        for module in files {
            let methods = modules[module].script.statements.iter().filter_map(|s| match &s.kind {
                StatementKind::Method(method) => Some(method),
                _ => None,
            });
            for method in methods.filter(|m| m.name != "call" && !names.contains(m.name.as_str())) {
                self.read_unused(module, method);
            }
        }
        self.exits.clear();
    }

    fn read_unused(&mut self, module: usize, method: &'m Method) {
        let key = (module, method.span.start as usize, Vec::new());
        if !self.functions.contains_key(&key) {
            self.read_method(&key, method, &[], Vec::new());
        }
    }
}
