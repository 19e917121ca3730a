//! Clients of servers, and how they are made of references.

use super::cluster::Cluster;
use super::failure::Failure;
use crate::object::{Class, Outcome, Predefined, Raised, Ref, running_server};
use crate::value::Text;

/// A client of one server; printed code implements it.
pub trait Client: Sized + Send + 'static {
    /// The class of the server.
    type Class: Class;

    /// The client of a server.
    fn of(cluster: Cluster, server: Ref<Self::Class>) -> Self;
}

/// The client of the server that a reference names; none for `null`.
///
/// # Errors
/// `bad_cast` for an object that is no server.
#[track_caller]
pub fn client<C: Client>(cluster: &Cluster, server: &Ref<C::Class>) -> Outcome<Option<C>> {
    if server.is_null() {
        return Ok(None);
    }
    match server.server()? {
        Some(_) => Ok(Some(C::of(cluster.clone(), server.clone()))),
        None => Err(Raised::predefined(
            Predefined::BadCast,
            format!(
                "an object of class {} that is no server has no client",
                C::Class::INFO.name
            ),
        )),
    }
}

/// The client of the running server of this name.
///
/// # Errors
/// `server_failed` if the cluster cannot be reached.
pub async fn find<C: Client>(cluster: &Cluster, name: &str) -> Result<Option<C>, Failure> {
    let name = Text::from(name);
    let found = cluster.run(move |cx| running_server(&name, cx)).await?;
    Ok(found.map(|server| C::of(cluster.clone(), server)))
}
