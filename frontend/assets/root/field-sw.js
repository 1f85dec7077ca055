// Opens /field without a network, its map included.
importScripts("/shell-sw.js");
self.keepsMap = true;
self.keepPage("gridlamp-field", "/field");
