// Starts `cmsl lsp` for the CMSL files of a window, and ends it with the window.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

function activate() {
  const command = vscode.workspace.getConfiguration("cmsl").get("command", "cmsl");
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("cmsl", "CMSL", server, {
    documentSelector: [{ language: "cmsl" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.cmsl,cmsl.toml}") },
  });
  return client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
