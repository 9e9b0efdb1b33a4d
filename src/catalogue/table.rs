//! The packed tables: what the build script made of the YAML under `grammars/`, a list of files for each kind.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One file of a kind.
#[derive(Debug, Deserialize)]
pub struct Entry<T> {
    /// Folder of the tool or vendor it stands in.
    pub id: String,
    /// Its path in `grammars/`.
    #[serde(default)]
    pub path: String,
    /// What it holds.
    pub data: T,
}

impl<T> Entry<T> {
    /// The file's name without its ending.
    pub fn name(&self) -> &str {
        name_of(&self.path)
    }
}

/// The name without its ending of the file with this path.
pub fn name_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// The files of a kind. Errors: the data has another form than `T`; a test of each kind proves that it has not.
pub fn entries<T: DeserializeOwned>(packed: &str) -> Result<Vec<Entry<T>>, serde_json::Error> {
    serde_json::from_str(packed)
}

/// The only file of a kind; the empty table where there is none.
pub fn single<T: DeserializeOwned + Default>(packed: &str) -> Result<T, serde_json::Error> {
    Ok(entries(packed)?.into_iter().next().map_or_else(T::default, |e| e.data))
}

/// The packed table of a kind.
macro_rules! packed {
    ($kind:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $kind, ".json"))
    };
}
pub(crate) use packed;
