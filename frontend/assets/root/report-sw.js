// Opens /report without a network.
importScripts("/shell-sw.js");
self.keepPage("gridlamp-report", "/report");
