//! A web server whose state lives in a CMSL server class: `build.rs` compiles `src/store.cmsl` to the module `store`.
//!
//! `GET /` lists all numbers, `GET /apples` gives one, `POST /apples` adds the number in the body to it, `PUT /apples`
//! freezes it. The state is replicated: it survives what the properties in [`connect`] say, and a request either
//! changes it or fails and changes nothing.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::error::Error;
use store::client::{Failure, Model, StoreClient};
use tokio::net::TcpListener;

include!(concat!(env!("OUT_DIR"), "/store.rs"));

/// The hosts that are started if `CMSL_CLUSTER` names none.
const HOSTS: usize = 3;
/// The longest body that is read.
const BODY_BYTES_MAX: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    // The same executable is the hosts of the cluster.
    store::client::host_if_asked();
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:8080");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(address))
}

/// Serves until Ctrl-C.
async fn run(address: &str) -> Result<(), Box<dyn Error>> {
    let store = connect().await?;
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    tokio::spawn(serve(listener, store));
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// The store of the cluster: the one that runs, or a new one that survives the loss of a host.
async fn connect() -> Result<StoreClient, Failure> {
    let cluster = store::client::cluster().hosts(HOSTS).await?;
    match StoreClient::find(&cluster, "store").await? {
        Some(running) => Ok(running),
        None => {
            StoreClient::create(&cluster)
                .tolerance(1)
                .model(Model::Crash)
                .name("store")
                .await
        }
    }
}

async fn serve(listener: TcpListener, store: StoreClient) {
    // An error concerns one connection; the next may do better.
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let store = store.clone();
        tokio::spawn(async move {
            let answer = service_fn(|request| answer(&store, request));
            let http = hyper::server::conn::http1::Builder::new();
            // A client that breaks off concerns nobody else.
            let _ = http.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(
    store: &StoreClient,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match respond(store, request).await {
        Ok(answer) => answer,
        Err(failure) if failure.class == "server_failed" => {
            (StatusCode::SERVICE_UNAVAILABLE, failure.to_string())
        }
        Err(failure) => (StatusCode::CONFLICT, failure.to_string()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    Ok(response)
}

async fn respond(
    store: &StoreClient,
    request: Request<Incoming>,
) -> Result<(StatusCode, String), Failure> {
    let name = request.uri().path().trim_start_matches('/').to_owned();
    let text = match (request.method(), name.is_empty()) {
        (&Method::GET, true) => {
            let numbers = store.all().await?;
            numbers
                .iter()
                .map(|(name, number)| format!("{name} {number}\n"))
                .collect()
        }
        (&Method::GET, false) => match store.look(&name).await? {
            Some(entry) => format!("{} after {} changes", entry.number, entry.changes),
            None => return Ok((StatusCode::NOT_FOUND, name)),
        },
        (&Method::POST, false) => match number(request.into_body()).await {
            Some(by) => store.add(name, by).await?.to_string(),
            None => return Ok((StatusCode::BAD_REQUEST, "no number".to_owned())),
        },
        (&Method::PUT, false) => {
            store.freeze(name).await?;
            String::new()
        }
        _ => {
            let why = "GET /, or GET, POST, PUT /NAME";
            return Ok((StatusCode::METHOD_NOT_ALLOWED, why.to_owned()));
        }
    };
    Ok((StatusCode::OK, text))
}

async fn number(body: Incoming) -> Option<i64> {
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await.ok()?;
    let text = String::from_utf8(body.to_bytes().to_vec()).ok()?;
    text.trim().parse().ok()
}
