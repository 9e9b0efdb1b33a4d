//! Vendors whose pipelines are only lists of jobs, steps and scripts: read by what `grammars/pipelines/<vendor>/pipeline.yaml`
//! says of them. The language is explained in that file of Cirrus CI.

mod find;
mod jobs;
mod starts;
#[cfg(test)]
mod tests;

use super::data;
use super::reader::Reader;
use super::{Input, values};
use crate::catalogue::declared::{Language, languages};
use crate::model::{Expr, Program, Unit, UnitKind};
use crate::source::SourceFile;
use starts::Mentioned;

/// The language of a vendor, where it has one, and its id.
pub fn language(vendor: &str) -> Option<(&'static str, &'static Language)> {
    languages().get_key_value(vendor).map(|(id, language)| (id.as_str(), language))
}

/// Branches that a file names.
pub fn branches(language: &Language, file: &SourceFile) -> Vec<String> {
    let documents = data::read(file, &mut Program::default());
    let named = documents.first().map(|root| Mentioned::of(language, root, &file.text).branches);
    values::literal(named.unwrap_or_default())
}

/// Translate every file of a vendor.
pub fn translate(vendor: &'static str, language: &Language, input: &Input<'_>, program: &mut Program) {
    for file in input.files {
        let Some(root) = data::read(file, program).into_iter().next() else { continue };
        let mut reader = Reader::new(input.catalogue, program, vendor, &values::none);
        let mut unit = Unit::new(UnitKind::Pipeline, file.path.as_str(), file.whole());
        unit.dir = Some(Expr::lit(""));
        unit.bind = find::all(&root, &language.variables).iter().flat_map(|f| values::environment(f.data)).collect();
        unit.jobs = jobs::translate(&mut reader, language, &root);
        let any = Expr::Or(unit.jobs.iter().map(|id| reader.program.unit(*id).when.clone()).collect());
        let mentioned = Mentioned::of(language, &root, &file.text);
        unit.starts = values::possible(mentioned.starts(language, input.trunk, values::first_line(file)), &any);
        if !unit.jobs.is_empty() {
            program.add(unit);
        }
    }
}
