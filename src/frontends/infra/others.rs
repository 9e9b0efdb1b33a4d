//! Pipelines of vendors that no front end of this version reads: found, named, and counted as not read.

use crate::catalogue::Catalogue;
use crate::catalogue::detect::Detect;
use crate::model::Program;
use crate::source::SourceSet;

/// Note every pipeline file that is found but not read; test fixtures and examples are none of the repository's.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let table = Detect::embedded();
    for file in sources.files() {
        if let Some(vendor) = table.vendor(&file.path, &file.text).filter(|_| !catalogue.words().fixture_path(&file.path)) {
            program.unread_pipelines.push((vendor.name.to_owned(), file.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelines_of_other_vendors_are_named() {
        let mut sources = SourceSet::default();
        sources.add(".travis.yml", "script: make\n");
        sources.add("README.md", "x\n");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        assert_eq!(program.unread_pipelines, [("Travis CI".to_owned(), sources.files()[0].id)]);
    }
}
