//! As much of HTTP/1.1 as runtime clients speak, over one connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// Names and values of the header, with what a client may send between two of Lambda's limits: enough for a 64 KB client context.
const MAX_HEAD: usize = 128 << 10;
const MAX_HEADERS: usize = 64;

/// A request, read to its end.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    /// Whether the body came in chunks, as streamed responses do.
    pub(super) chunked: bool,
    headers: Vec<(String, String)>,
    trailers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The value of a field that came after a chunked body.
    pub(super) fn trailer(&self, name: &str) -> Option<&str> {
        find(&self.trailers, name)
    }
}

/// A client's connection.
#[derive(Debug)]
pub(super) struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        // Answers are small and waited for.
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream) })
    }

    /// The next request; `None` when the client has closed. A body over `limit` is read and thrown away, but for one byte more than the limit.
    pub(super) fn read(&mut self, limit: usize) -> io::Result<Option<Request>> {
        let head = self.head()?;
        if head.is_empty() {
            return Ok(None);
        }
        let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Request::new(&mut fields);
        parsed.parse(&head).map_err(io::Error::other)?;
        let mut request = Request {
            method: parsed.method.unwrap_or_default().to_owned(),
            path: parsed.path.unwrap_or_default().to_owned(),
            headers: owned(parsed.headers),
            trailers: Vec::new(),
            body: Vec::new(),
            chunked: false,
        };
        if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            self.reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        if request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            request.chunked = true;
            self.chunks(&mut request, limit)?;
        } else if let Some(length) = request.header("content-length") {
            let length = length.trim().parse().map_err(io::Error::other)?;
            self.body(&mut request.body, length, limit)?;
        }
        Ok(Some(request))
    }

    /// Sends an answer.
    pub(super) fn write(&mut self, status: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
        let mut answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            answer.extend([name, ": ", value, "\r\n"]);
        }
        answer.push_str("\r\n");
        let mut answer = answer.into_bytes();
        answer.extend_from_slice(body);
        self.reader.get_mut().write_all(&answer)
    }

    /// Everything up to and with the empty line.
    fn head(&mut self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        loop {
            let before = head.len();
            let room = (MAX_HEAD - before) as u64;
            if (&mut self.reader).take(room).read_until(b'\n', &mut head)? == 0 {
                return match before {
                    0 => Ok(head),
                    MAX_HEAD => Err(io::Error::other("a request's head is too long")),
                    _ => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
            if matches!(&head[before..], b"\r\n" | b"\n") {
                return Ok(head);
            }
        }
    }

    fn chunks(&mut self, request: &mut Request, limit: usize) -> io::Result<()> {
        loop {
            let mut line = String::new();
            (&mut self.reader).take(256).read_line(&mut line)?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
            if size == 0 {
                break;
            }
            self.body(&mut request.body, size, limit)?;
            (&mut self.reader).take(256).read_line(&mut String::new())?;
        }
        let trailers = self.head()?;
        let mut fields = [httparse::EMPTY_HEADER; MAX_HEADERS];
        if let httparse::Status::Complete((_, fields)) =
            httparse::parse_headers(&trailers, &mut fields).map_err(io::Error::other)?
        {
            request.trailers = owned(fields);
        }
        Ok(())
    }

    /// Appends `length` bytes to the body, as far as the limit and one byte more.
    fn body(&mut self, body: &mut Vec<u8>, length: u64, limit: usize) -> io::Result<()> {
        let room = ((limit + 1).saturating_sub(body.len()) as u64).min(length);
        let taken = (&mut self.reader).take(room).read_to_end(body)? as u64;
        let dropped = io::copy(&mut (&mut self.reader).take(length - taken), &mut io::sink())?;
        if taken + dropped < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}

fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    headers.iter().map(|h| (h.name.to_owned(), String::from_utf8_lossy(h.value).into_owned())).collect()
}

fn find<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use super::*;

    /// What the server reads when a client sends `bytes` in pieces of `piece` and closes.
    fn read(bytes: &[u8], piece: usize, limit: usize) -> io::Result<Vec<Request>> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let mut client = TcpStream::connect(listener.local_addr().expect("an address")).expect("connects");
        let mut connection = Connection::new(listener.accept().expect("accepts").0).expect("a connection");
        let bytes = bytes.to_vec();
        let sender = thread::spawn(move || {
            client.set_nodelay(true).expect("no delay");
            for piece in bytes.chunks(piece) {
                client.write_all(piece).expect("sends");
            }
        });
        let mut requests = Vec::new();
        let outcome = loop {
            match connection.read(limit) {
                Ok(Some(request)) => requests.push(request),
                Ok(None) => break Ok(requests),
                Err(error) => break Err(error),
            }
        };
        sender.join().expect("the sender ends");
        outcome
    }

    #[test]
    fn bodies_trailers_and_the_next_request_are_told_apart() {
        let bytes = b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n\
            POST /b HTTP/1.1\r\ncontent-LENGTH: 2\r\n\r\nhiGET /c HTTP/1.1\r\n\r\n";
        for piece in [1, 7, 1000] {
            let requests = read(bytes, piece, 100).expect("valid");
            assert_eq!(requests.iter().map(|r| r.path.as_str()).collect::<Vec<_>>(), ["/a", "/b", "/c"]);
            assert_eq!(
                (&requests[0].body[..], requests[0].chunked, requests[0].trailer("x")),
                (&b"abcde"[..], true, Some("y"))
            );
            assert_eq!((&requests[1].body[..], requests[1].chunked), (&b"hi"[..], false));
            assert!(requests[2].body.is_empty());
        }
    }

    #[test]
    fn a_body_over_the_limit_is_seen_as_such_and_does_not_spoil_the_connection() {
        let bytes = b"POST /a HTTP/1.1\r\nContent-Length: 8\r\n\r\n12345678GET /b HTTP/1.1\r\n\r\n";
        let requests = read(bytes, 3, 4).expect("valid");
        assert_eq!(requests[0].body, b"12345");
        assert_eq!(requests[1].path, "/b");
    }

    #[test]
    fn a_cut_request_is_an_error() {
        for bytes in [
            &b"GET /a HT"[..],
            b"POST /a HTTP/1.1\r\nContent-Length: 8\r\n\r\n1234",
            b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
            assert!(read(bytes, 100, 100).is_err());
        }
    }
}
