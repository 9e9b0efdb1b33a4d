//! One folder of Terraform files.

use super::local_module;
use crate::frontends::infra::content;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::hcl::{Block, Document, Value, ValueKind, parse};

/// A file of a folder.
#[derive(Debug)]
pub(super) struct Read<'s> {
    pub(super) file: &'s SourceFile,
    pub(super) document: Document,
}

/// A module call.
#[derive(Debug)]
pub(super) struct ModuleCall {
    /// The folder of a module of this repository.
    pub(super) dir: Option<String>,
    /// That folder was read.
    pub(super) read: bool,
}

/// A folder with what decides whether it is a root.
#[derive(Debug)]
pub(super) struct Folder<'s> {
    pub(super) dir: String,
    /// Its files, in path order.
    pub(super) files: Vec<Read<'s>>,
    pub(super) calls: Vec<ModuleCall>,
    /// A backend or cloud block.
    pub(super) backend: bool,
    /// It declares or calls something, so that applying it does something.
    pub(super) acts: bool,
    /// It has a `terragrunt.hcl`.
    pub(super) terragrunt: bool,
    /// Its `terragrunt.hcl` names a module.
    pub(super) has_source: bool,
}

impl<'s> Folder<'s> {
    pub(super) fn new(dir: String) -> Self {
        Self { dir, files: Vec::new(), calls: Vec::new(), backend: false, acts: false, terragrunt: false, has_source: false }
    }

    /// Read a file of the folder.
    pub(super) fn add(&mut self, file: &'s SourceFile) -> &Document {
        let document = parse(file);
        let terragrunt = file.name() == "terragrunt.hcl";
        self.terragrunt |= terragrunt;
        for block in &document.body.blocks {
            match block.kind.as_str() {
                "terraform" if terragrunt => {
                    self.has_source |= block.body.get("source").is_some();
                    self.call(block);
                }
                "terraform" => self.backend |= block.body.blocks.iter().any(|b| matches!(b.kind.as_str(), "backend" | "cloud")),
                "remote_state" => self.backend |= terragrunt,
                "resource" => self.acts = true,
                "module" => {
                    self.acts = true;
                    self.call(block);
                }
                _ => {}
            }
        }
        let at = self.files.len();
        self.files.push(Read { file, document });
        &self.files[at].document
    }

    fn call(&mut self, block: &Block) {
        let Some(source) = block.body.get("source") else { return };
        for one in source.value.alternatives() {
            // `${get_terragrunt_dir()}/../x` is relative to the folder as well; other holes are not followed.
            let source = one.filled(&|_| String::new()).unwrap_or_default();
            let source = if source.starts_with('/') { format!(".{source}") } else { source };
            self.calls.push(ModuleCall { dir: local_module(&self.dir, &source), read: false });
        }
    }

    /// All top-level blocks, in file order.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.files.iter().flat_map(|f| &f.document.body.blocks)
    }

    /// The inputs that a `terragrunt.hcl` gives.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Value> {
        self.files.iter().filter_map(|f| f.document.body.get("inputs")).map(|a| &a.value)
    }

    /// The literal that a local stands for.
    pub(super) fn local(&self, name: &str) -> Option<&str> {
        let locals = self.blocks().filter(|b| b.kind == "locals");
        locals.filter_map(|b| b.body.get(name)).find_map(|a| match &a.value.kind {
            ValueKind::Literal(text) => Some(text.text.as_str()),
            _ => None,
        })
    }

    /// The file that stands for the folder, whole: `terragrunt.hcl`, `main.tf`, or else the first.
    pub(super) fn place(&self) -> Span {
        let named = |name: &str| self.files.iter().find(|f| f.file.name() == name);
        let file = named("terragrunt.hcl").or_else(|| named("main.tf")).or_else(|| self.files.first());
        file.map_or(Span::new(FileId(0), 0, 0), |f| content(f.file))
    }
}
