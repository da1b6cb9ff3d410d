// Go's package net: a goroutine a client, with blocking calls; the runtime waits with epoll. It
// sets TCP_NODELAY by itself. A plain loop: io.Copy would splice through a pipe, dear for 64 bytes.
package main

import (
	"log"
	"net"
	"os"
)

func echo(client net.Conn) {
	defer client.Close()
	buffer := make([]byte, 32*1024)
	for {
		size, err := client.Read(buffer)
		if err != nil {
			return
		}
		if _, err := client.Write(buffer[:size]); err != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for {
		if client, err := listener.Accept(); err == nil {
			go echo(client)
		}
	}
}
