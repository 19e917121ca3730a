//! The few gRPC calls of etcd that we need, over a persistent HTTP/2 connection.
//!
//! A call is one POST whose body is a zero byte, the length of the message and the message;
//! the messages are small enough to be written and read by hand.

use bytes::{BufMut, Bytes, BytesMut};
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;

/// A connection to one etcd server.
#[derive(Clone)]
pub struct Etcd {
    requests: SendRequest<Bytes>,
    authority: String,
}

impl Etcd {
    /// Connects; the connection's task runs on the current runtime.
    pub async fn connect(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| error.to_string())?;
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        let (requests, connection) = h2::client::handshake(stream)
            .await
            .map_err(|error| error.to_string())?;
        // Its end shows in the calls.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self {
            requests,
            authority: address.to_owned(),
        })
    }

    /// `etcdserverpb.KV/Put`.
    pub async fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), String> {
        let mut message = BytesMut::with_capacity(16 + key.len() + value.len());
        field(&mut message, 1, key);
        field(&mut message, 2, value);
        self.call("/etcdserverpb.KV/Put", &message).await.map(drop)
    }

    /// `etcdserverpb.Maintenance/Status`: whether this server leads.
    pub async fn leads(&mut self) -> Result<bool, String> {
        let status = self.call("/etcdserverpb.Maintenance/Status", &[]).await?;
        let mut header = None;
        let mut leader = None;
        for (number, value) in fields(&status) {
            match (number, value) {
                (1, Value::Bytes(bytes)) => header = Some(bytes),
                (4, Value::Number(id)) => leader = Some(id),
                _ => {}
            }
        }
        let member = fields(header.unwrap_or_default()).find_map(|field| match field {
            (2, Value::Number(id)) => Some(id),
            _ => None,
        });
        Ok(member.is_some() && member == leader)
    }

    async fn call(&mut self, path: &str, message: &[u8]) -> Result<Vec<u8>, String> {
        let text = |error: h2::Error| error.to_string();
        let request = Request::post(format!("http://{}{path}", self.authority))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())
            .map_err(|error| error.to_string())?;
        let mut body = BytesMut::with_capacity(5 + message.len());
        body.put_u8(0);
        body.put_u32(message.len() as u32);
        body.extend_from_slice(message);
        let mut ready = self.requests.clone().ready().await.map_err(text)?;
        let (response, mut sending) = ready.send_request(request, false).map_err(text)?;
        sending.send_data(body.freeze(), true).map_err(text)?;
        let response = response.await.map_err(text)?;
        let headers = response.headers().clone();
        let mut receiving = response.into_body();
        let mut answer = Vec::new();
        while let Some(chunk) = receiving.data().await {
            let chunk = chunk.map_err(text)?;
            receiving
                .flow_control()
                .release_capacity(chunk.len())
                .map_err(text)?;
            answer.extend_from_slice(&chunk);
        }
        let trailers = receiving
            .trailers()
            .await
            .map_err(text)?
            .unwrap_or_default();
        let status = trailers
            .get("grpc-status")
            .or_else(|| headers.get("grpc-status"));
        match status.map(http::HeaderValue::as_bytes) {
            Some(b"0") => Ok(answer.split_off(answer.len().min(5))),
            _ => Err(format!("etcd refused {path}: {trailers:?}")),
        }
    }
}

/// Appends a field of bytes.
fn field(message: &mut BytesMut, number: u8, bytes: &[u8]) {
    assert!(bytes.len() < 128, "a length of one byte");
    message.put_u8(number << 3 | 2);
    message.put_u8(bytes.len() as u8);
    message.extend_from_slice(bytes);
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message, as far as they can be read.
fn fields(mut message: &[u8]) -> impl Iterator<Item = (u64, Value<'_>)> {
    std::iter::from_fn(move || {
        let key = varint(&mut message)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut message)?),
            2 => {
                let length = varint(&mut message)? as usize;
                let (bytes, rest) = message.split_at_checked(length)?;
                message = rest;
                Value::Bytes(bytes)
            }
            _ => return None,
        };
        Some((key >> 3, value))
    })
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
