//! `cmsl clean`: empties the cache.

use crate::cache::Cache;
use crate::failure::Failure;
use crate::say;

/// Removes what the cache holds, unless another command uses it.
pub fn clean() -> Result<(), Failure> {
    let folder = Cache::empty()?;
    say::note("emptied", folder.display());
    Ok(())
}
