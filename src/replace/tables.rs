//! Tables of facts that rules look up: `tables/*.yaml` of a tool, a list of rows of one form.

use super::matching::{Bindings, Bound};
use crate::catalogue::table::{self, Entry};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

type Row = BTreeMap<String, Value>;

/// A look-up: the row whose columns are what holes took gives its other columns as holes.
#[derive(Clone, Debug)]
pub struct Lookup {
    table: String,
    /// Columns with the holes that they are compared with.
    columns: Vec<(String, String)>,
}

fn all() -> &'static BTreeMap<String, Vec<Row>> {
    static TABLES: OnceLock<BTreeMap<String, Vec<Row>>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let entries: Vec<Entry<Vec<Row>>> = table::entries(table::packed!("tables")).unwrap_or_default();
        entries.into_iter().map(|e| (format!("{}/{}", e.id, e.name()), e.data)).collect()
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

impl Lookup {
    /// Read `{of: TOOL/TABLE, COLUMN: HOLE, …}`. Errors: what is wrong with it, in words.
    pub fn read(value: &Value) -> Result<Self, String> {
        let map = value.as_object().ok_or("`row` takes `of` and columns with their holes")?;
        let table = map.get("of").and_then(Value::as_str).ok_or("`row` takes `of: TOOL/TABLE`")?.to_owned();
        let rows = all().get(&table).ok_or(format!("there is no table `{table}`"))?;
        let mut columns = Vec::new();
        for (column, hole) in map.iter().filter(|(key, _)| *key != "of") {
            if !rows.iter().all(|row| row.contains_key(column)) {
                return Err(format!("`{column}` is no column of `{table}`"));
            }
            columns.push((column.clone(), text(hole)));
        }
        if columns.is_empty() { Err("`row` compares a column at least".to_owned()) } else { Ok(Self { table, columns }) }
    }

    /// Bind the other columns of the first row that fits, in upper case; whether there is one. Letters' case does not matter.
    pub fn join(&self, bindings: &mut Bindings) -> bool {
        let fits = |row: &&Row| {
            self.columns.iter().all(|(column, hole)| {
                let (cell, taken) = (row.get(column).map(text), bindings.texts.get(hole));
                cell.zip(taken).is_some_and(|(cell, taken)| cell.eq_ignore_ascii_case(&taken.text))
            })
        };
        let Some(row) = all().get(&self.table).and_then(|rows| rows.iter().find(fits)) else { return false };
        for (column, cell) in row.iter().filter(|(column, _)| !self.columns.iter().any(|(c, _)| c == *column)) {
            bindings.texts.insert(column.to_ascii_uppercase(), Bound::one(text(cell), 0..0, true));
        }
        true
    }
}
