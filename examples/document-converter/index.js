// Converts small documents between text formats. A service behind an API Gateway HTTP API.
//
// POST /convert {"name": "notes.md", "from": "markdown", "to": "html", "content": "# Hi"}
//
// Markdown to HTML and to plain text is done here. Other formats are handed to pandoc, which an optional layer brings, and
// that is where the mistake stands that this example is about: the format goes into a shell command as it came.
"use strict";

const { exec } = require("child_process");

const converters = {
  "markdown html": markdownToHtml,
  "markdown text": markdownToText,
};

exports.handler = async (event) => {
  let request;
  try {
    const body = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
    request = JSON.parse(body);
  } catch (error) {
    return answer(400, { error: "the body is not JSON" });
  }
  const { name = "document", from, to, content } = request || {};
  if (typeof from !== "string" || typeof to !== "string" || typeof content !== "string") {
    return answer(400, { error: "from, to and content are needed" });
  }
  console.log("converting", name, "from", from, "to", to);
  const convert = converters[`${from} ${to}`];
  const converted = convert ? convert(content) : await withPandoc(from, to, content);
  return answer(200, { name, format: to, content: converted });
};

function markdownToHtml(text) {
  const inline = (line) =>
    line
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
      .replace(/\*(.+?)\*/g, "<em>$1</em>");
  return text
    .split(/\n{2,}/)
    .map((block) => {
      const heading = /^(#{1,6}) +(.*)$/.exec(block);
      if (heading) {
        return `<h${heading[1].length}>${inline(heading[2])}</h${heading[1].length}>`;
      }
      return `<p>${inline(block.trim())}</p>`;
    })
    .join("\n");
}

function markdownToText(text) {
  return text.replace(/^#{1,6} +/gm, "").replace(/\*+(.+?)\*+/g, "$1");
}

function withPandoc(from, to, content) {
  return new Promise((resolve) => {
    // Vulnerable: "docx; id" is two commands to the shell.
    const pandoc = exec(`/opt/bin/pandoc --from ${from} --to ${to}`, (error, stdout, stderr) => {
      resolve(stdout || stderr || (error ? error.message : ""));
    });
    // A converter that could not be started closes its input.
    if (pandoc.stdin) {
      pandoc.stdin.on("error", () => {});
      pandoc.stdin.end(content);
    }
  });
}

function answer(statusCode, body) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
